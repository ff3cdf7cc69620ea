package org.linescribe.media.wav;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalLong;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavException.Defect;

/**
 * Reads a WAVE file as a stream of 16-bit samples: PCM16 or G.711 (tags 1, 6, 7, plain or
 * extensible), any chunks before the audio, a length that the writer never filled in (0 or
 * 0xFFFFFFFF: read to the end), any number of data chunks, which are read as one.
 *
 * <p>Frames are interleaved, one sample of each channel. A frame that is cut by the end of the file
 * is dropped.
 *
 * <p>Thread: one at a time; blocks. Errors: {@link WavException} names the fault. Audio that is
 * shorter than its header says is delivered first; then one read fails with {@link
 * Defect#TRUNCATED_DATA}, and the reads after it return -1.
 */
public final class WavReader implements AutoCloseable {
  private static final int BUFFER_BYTES = 8192;

  private final InputStream in;
  private final WavHeader header;
  private final byte[] buffer;
  private final short[] scratch;
  private long chunkBytes;
  private long remainingBytes;
  private boolean ended;

  private WavReader(InputStream in, WavHeader header) {
    this.in = in;
    this.header = header;
    int frame = header.format().bytesPerFrame();
    this.buffer = new byte[BUFFER_BYTES / frame * frame];
    this.scratch = new short[buffer.length];
    begin(header.dataBytes());
  }

  private void begin(long dataBytes) {
    chunkBytes = dataBytes;
    remainingBytes = dataBytes == WavHeader.UNTIL_END ? Long.MAX_VALUE : dataBytes;
  }

  public static WavReader open(Path file) throws IOException {
    return open(new BufferedInputStream(Files.newInputStream(file)));
  }

  /** Takes ownership of the stream: it is closed with the reader, and when the header is bad. */
  public static WavReader open(InputStream in) throws IOException {
    try {
      return new WavReader(in, WavHeader.read(in));
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  public WavFormat format() {
    return header.format();
  }

  /**
   * Reads up to {@code frames} frames of 16-bit PCM.
   *
   * @param dst takes {@code frames * channels} samples
   * @return frames read, more than 0; -1 at the end
   */
  public int read(short[] dst, int offset, int frames) throws IOException {
    int channels = format().channels();
    Objects.checkFromIndexSize(offset, frames * channels, dst.length);
    int done = 0;
    while (done < frames) {
      int got = fill(Math.min(frames - done, buffer.length / format().bytesPerFrame()));
      if (got <= 0) {
        if (done > 0) {
          return done;
        }
        return finish();
      }
      decode(got * channels, dst, offset + done * channels);
      done += got;
    }
    return done;
  }

  /**
   * Reads all that is left.
   *
   * @param maxFrames more than that is {@link Defect#TOO_LARGE}
   * @return 16-bit PCM, interleaved
   */
  public short[] readAll(int maxFrames) throws IOException {
    int channels = format().channels();
    short[] all = new short[0];
    int length = 0;
    for (int got = read(scratch, 0, scratch.length / channels);
        got >= 0;
        got = read(scratch, 0, scratch.length / channels)) {
      int samples = got * channels;
      if (length + (long) samples > (long) maxFrames * channels) {
        throw new WavException(Defect.TOO_LARGE, "more than " + maxFrames + " frames");
      }
      if (length + samples > all.length) {
        all = Arrays.copyOf(all, Math.max(length + samples, all.length * 2));
      }
      System.arraycopy(scratch, 0, all, length, samples);
      length += samples;
    }
    return Arrays.copyOf(all, length);
  }

  /**
   * Reads all that is left, its channels mixed to one.
   *
   * @param maxFrames more than that is {@link Defect#TOO_LARGE}
   */
  public short[] readAllMono(int maxFrames) throws IOException {
    short[] interleaved = readAll(maxFrames);
    int channels = format().channels();
    if (channels == 1) {
      return interleaved;
    }
    short[] mono = new short[interleaved.length / channels];
    for (int frame = 0; frame < mono.length; frame++) {
      int sum = 0;
      for (int channel = 0; channel < channels; channel++) {
        sum += interleaved[frame * channels + channel];
      }
      mono[frame] = (short) (sum / channels);
    }
    return mono;
  }

  /** Whole frames now in the buffer; 0 when no whole frame is left. */
  private int fill(int frames) throws IOException {
    int frameBytes = format().bytesPerFrame();
    while (!ended && remainingBytes < frameBytes && nextDataChunk()) {}
    long whole = Math.min((long) frames * frameBytes, remainingBytes - remainingBytes % frameBytes);
    if (ended || whole == 0) {
      return 0;
    }
    int got = in.readNBytes(buffer, 0, (int) whole);
    remainingBytes -= got;
    ended = got < whole;
    return got / frameBytes;
  }

  /**
   * Goes on to the next data chunk behind the one that was read; false, and nothing is left, when
   * there is none.
   */
  private boolean nextDataChunk() throws IOException {
    long rest = remainingBytes;
    remainingBytes = 0;
    if (in.readNBytes((int) rest).length < rest) {
      return false;
    }
    OptionalLong next = WavHeader.nextData(in, chunkBytes);
    next.ifPresent(this::begin);
    return next.isPresent();
  }

  private int finish() throws WavException {
    boolean truncated = ended && chunkBytes != WavHeader.UNTIL_END && remainingBytes > 0;
    long missing = remainingBytes;
    ended = true;
    remainingBytes = 0;
    if (truncated) {
      throw new WavException(
          Defect.TRUNCATED_DATA,
          "the file ends " + missing + " bytes before the " + chunkBytes + " it promises");
    }
    return -1;
  }

  private void decode(int samples, short[] dst, int offset) {
    switch (format().encoding()) {
      case PCM16 -> {
        for (int i = 0; i < samples; i++) {
          dst[offset + i] = (short) (buffer[2 * i] & 0xFF | buffer[2 * i + 1] << 8);
        }
      }
      case ALAW -> G711Law.PCMA.decode(buffer, 0, samples, dst, offset);
      case MULAW -> G711Law.PCMU.decode(buffer, 0, samples, dst, offset);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
