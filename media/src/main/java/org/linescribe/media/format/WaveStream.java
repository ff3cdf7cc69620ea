package org.linescribe.media.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Takes a WAVE file apart while it arrives, cut anywhere, and takes further files that follow it in
 * the same stream: clients send a header with every chunk, too.
 *
 * <pre>
 * "RIFF" size "WAVE"  { id(4) size(4, little-endian) body pad-to-even }*
 * </pre>
 *
 * <p>A data size of 0, 0xFFFFFFFF or nearly 2 GiB is what writers to a pipe leave: the audio then
 * goes on to the end of the stream.
 *
 * <p>Thread: one at a time.
 */
final class WaveStream {
  private static final int TAG_PCM = 1;
  private static final int TAG_EXTENSIBLE = 0xFFFE;
  private static final int MAX_FMT_BYTES = 1024;

  /**
   * @param bitsPerSample of one sample
   */
  record Format(int tag, int channels, int sampleRateHz, int bitsPerSample) {
    boolean isPcm16() {
      return tag == TAG_PCM && bitsPerSample == 16 && channels >= 1 && channels <= 8;
    }
  }

  /** Hears what is in the stream. */
  interface Listener {
    /**
     * A header is complete.
     *
     * @return false to stop: what follows is not for this reader
     */
    boolean onFormat(Format format) throws IOException;

    void onData(byte[] bytes, int offset, int length) throws IOException;
  }

  private enum State {
    RIFF,
    CHUNK,
    FMT,
    SKIP,
    DATA,
    STOPPED
  }

  private final Listener listener;
  private State state = State.RIFF;
  private ByteBuffer part = fresh(12);
  private long remaining;
  private boolean formatSeen;

  WaveStream(Listener listener) {
    this.listener = listener;
  }

  private static ByteBuffer fresh(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  void take(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (at < end && state != State.STOPPED) {
      switch (state) {
        case RIFF, CHUNK, FMT -> {
          int more = Math.min(part.remaining(), end - at);
          part.put(bytes, at, more);
          at += more;
          if (!part.hasRemaining()) {
            partComplete();
          }
        }
        case SKIP -> {
          int more = (int) Math.min(remaining, end - at);
          at += more;
          remaining -= more;
          if (remaining == 0) {
            expect(State.CHUNK, 8);
          }
        }
        case DATA -> {
          int more = (int) Math.min(remaining, end - at);
          listener.onData(bytes, at, more);
          at += more;
          remaining -= more;
          if (remaining == 0) {
            expect(State.CHUNK, 8);
          }
        }
        case STOPPED -> throw new IllegalStateException();
      }
    }
  }

  private void partComplete() throws IOException {
    switch (state) {
      case RIFF -> {
        if (!id(part, 0).equals("RIFF") && !id(part, 0).equals("RF64")
            || !id(part, 8).equals("WAVE")) {
          throw new IOException("not a RIFF/WAVE stream");
        }
        formatSeen = false;
        expect(State.CHUNK, 8);
      }
      case CHUNK -> chunkHead(id(part, 0), Integer.toUnsignedLong(part.getInt(4)));
      case FMT -> {
        ByteBuffer fmt = part;
        expect(State.CHUNK, 8);
        formatSeen = true;
        int tag = Short.toUnsignedInt(fmt.getShort(0));
        if (tag == TAG_EXTENSIBLE && fmt.capacity() >= 26) {
          tag = Short.toUnsignedInt(fmt.getShort(24));
        }
        Format format =
            new Format(
                tag,
                Short.toUnsignedInt(fmt.getShort(2)),
                fmt.getInt(4),
                Short.toUnsignedInt(fmt.getShort(14)));
        if (!listener.onFormat(format)) {
          state = State.STOPPED;
        }
      }
      case SKIP, DATA, STOPPED -> throw new IllegalStateException();
    }
  }

  private void chunkHead(String id, long size) throws IOException {
    switch (id) {
      case "RIFF", "RF64" -> {
        ByteBuffer riff = fresh(12);
        riff.put(part.flip());
        part = riff;
        state = State.RIFF;
      }
      case "fmt " -> {
        if (size < 16 || size > MAX_FMT_BYTES) {
          throw new IOException("a fmt chunk of " + size + " bytes");
        }
        expect(State.FMT, (int) (size + (size & 1)));
      }
      case "data" -> {
        if (!formatSeen) {
          throw new IOException("no fmt chunk before the data chunk");
        }
        boolean open =
            size == 0 || size == 0xFFFF_FFFFL || size >= 0x7FFF_F000L && size <= 0x7FFF_FFFFL;
        remaining = open ? Long.MAX_VALUE : size;
        state = State.DATA;
      }
      default -> {
        remaining = size + (size & 1);
        state = State.SKIP;
        if (remaining == 0) {
          expect(State.CHUNK, 8);
        }
      }
    }
  }

  private void expect(State next, int bytes) {
    state = next;
    part = fresh(bytes);
  }

  private static String id(ByteBuffer from, int at) {
    char[] letters = new char[4];
    for (int i = 0; i < 4; i++) {
      letters[i] = (char) (from.get(at + i) & 0xFF);
    }
    return new String(letters);
  }
}
