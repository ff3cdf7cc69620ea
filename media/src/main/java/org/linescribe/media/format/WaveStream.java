package org.linescribe.media.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Splits a WAVE stream into formats and audio while it arrives, cut anywhere. Further files may
 * follow in the same stream: clients send a header with every chunk, too.
 *
 * <pre>
 * "RIFF" size "WAVE"  { id(4) size(4, little-endian) body pad-to-even }*
 * </pre>
 *
 * <p>A data size of 0, 0xFFFFFFFF or nearly 2 GiB is what writers to a pipe leave: the audio then
 * goes on to the end of the stream. The size in the RIFF header is not used, because writers leave
 * anything there. An odd chunk may lack its pad byte: no chunk's id begins with a zero.
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

  /** Receives what the stream holds. */
  interface Listener {
    /**
     * A file's format is known.
     *
     * @param openHeader a header for the format whose data has no end
     */
    void onFormat(Format format, byte[] openHeader) throws IOException;

    void onData(byte[] bytes, int offset, int length) throws IOException;
  }

  private enum State {
    RIFF,
    CHUNK,
    FMT,
    SKIP,
    DATA
  }

  private final Listener listener;
  private State state = State.RIFF;
  private ByteBuffer part = fresh(12);
  private long remaining;
  private boolean odd;
  private boolean mayPad;
  private boolean formatSeen;
  private boolean dataSeen;

  WaveStream(Listener listener) {
    this.listener = listener;
  }

  /** Whether the audio of a file has ended exactly at the last byte, or its padding at the next. */
  boolean isBetweenFiles() {
    return dataSeen && state == State.CHUNK && part.position() == 0;
  }

  private static ByteBuffer fresh(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  void take(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      switch (state) {
        case RIFF, CHUNK, FMT -> {
          if (mayPad && part.position() == 0 && bytes[at] == 0) {
            at++;
          }
          mayPad = false;
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
        dataSeen = false;
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
        listener.onFormat(format, openHeader(fmt));
      }
      case SKIP, DATA -> throw new IllegalStateException();
    }
  }

  private static byte[] openHeader(ByteBuffer fmt) {
    ByteBuffer header = fresh(28 + fmt.capacity());
    header.put(bytes("RIFF")).putInt(-1).put(bytes("WAVE"));
    header.put(bytes("fmt ")).putInt(fmt.capacity()).put(fmt.rewind());
    return header.put(bytes("data")).putInt(-1).array();
  }

  private static byte[] bytes(String id) {
    return id.getBytes(StandardCharsets.US_ASCII);
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
        odd = (size & 1) == 1;
        dataSeen = true;
        state = State.DATA;
      }
      default -> {
        remaining = size;
        odd = (size & 1) == 1;
        state = State.SKIP;
        if (remaining == 0) {
          expect(State.CHUNK, 8);
        }
      }
    }
  }

  private void expect(State next, int bytes) {
    mayPad = odd;
    odd = false;
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
