package org.linescribe.media.wav;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.linescribe.media.wav.WavException.Defect;
import org.linescribe.media.wav.WavFormat.Encoding;

/**
 * Writes a PCM16 WAVE file that is whole at every moment of its life.
 *
 * <p>Audio is buffered up to one second (256 KiB at most) and then written, the audio before the
 * header that counts it: a process killed at any moment leaves a playable file that lacks at most
 * what was not written yet. {@link #sync} writes at once and waits for the disk, for audio that was
 * acknowledged.
 *
 * <p>Thread: one at a time; blocks. Errors: {@link WavException} with {@link Defect#TOO_LARGE}
 * before the 4 GiB that RIFF can count, otherwise the disk's own {@link IOException}: audio written
 * before stays readable, audio that is buffered is written by the next call that succeeds.
 */
public final class WavWriter implements AutoCloseable {
  /** As much audio as a RIFF file can count; beyond it {@link Defect#TOO_LARGE}. */
  public static final long MAX_DATA_BYTES = WavHeader.MAX_DATA_BYTES;

  /** Length of the header that precedes the audio. */
  public static final int HEADER_BYTES = WavHeader.ENCODED_BYTES;

  private static final int MAX_PENDING_BYTES = 1 << 18;

  private final FileChannel file;
  private final WavFormat format;
  private final long dataOffset;
  private final ByteBuffer pending;
  private long dataBytes;
  private boolean headerDue;
  private boolean closed;

  private WavWriter(FileChannel file, WavFormat format, long dataOffset, long dataBytes) {
    this.file = file;
    this.format = format;
    this.dataOffset = dataOffset;
    this.dataBytes = dataBytes;
    int frames = Math.min(format.sampleRateHz(), MAX_PENDING_BYTES / format.bytesPerFrame());
    this.pending =
        ByteBuffer.allocate(frames * format.bytesPerFrame()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Creates the file, or empties it when it exists. */
  public static WavWriter create(Path path, int sampleRateHz, int channels) throws IOException {
    WavFormat format = new WavFormat(Encoding.PCM16, channels, sampleRateHz);
    FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    return on(file, format);
  }

  /** Takes ownership of an open file, which is emptied. */
  static WavWriter on(FileChannel file, WavFormat format) throws IOException {
    return opened(new WavWriter(file, format, WavHeader.ENCODED_BYTES, 0));
  }

  /**
   * Goes on with a file that {@link #create} made, after the last whole frame that is in it; what
   * its header counts is not relied on.
   *
   * @throws WavException when it is no PCM16 file of this writer's layout
   */
  public static WavWriter append(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      WavHeader header = WavHeader.read(Channels.newInputStream(file));
      if (header.format().encoding() != Encoding.PCM16
          || header.dataOffset() != WavHeader.ENCODED_BYTES) {
        throw new WavException(
            Defect.UNSUPPORTED_FORMAT, "not a PCM16 file with a plain header of 44 bytes");
      }
      long there = file.size() - header.dataOffset();
      long whole = there - there % header.format().bytesPerFrame();
      return opened(new WavWriter(file, header.format(), header.dataOffset(), whole));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static WavWriter opened(WavWriter writer) throws IOException {
    try {
      writer.file.truncate(writer.dataOffset + writer.dataBytes);
      writer.writeHeader();
      return writer;
    } catch (IOException | RuntimeException e) {
      writer.file.close();
      throw e;
    }
  }

  /**
   * The header of a PCM16 file.
   *
   * @param dataBytes of its audio, at most {@link #MAX_DATA_BYTES}
   */
  public static byte[] header(int sampleRateHz, int channels, long dataBytes) {
    return WavHeader.encode(new WavFormat(Encoding.PCM16, channels, sampleRateHz), dataBytes)
        .array();
  }

  public WavFormat format() {
    return format;
  }

  /** Frames taken so far, those that are still buffered included. */
  public long frames() {
    return (dataBytes + pending.position()) / format.bytesPerFrame();
  }

  /**
   * Adds interleaved 16-bit PCM.
   *
   * @param frames frames, each a sample of every channel; {@code frames * channels} samples are
   *     read from {@code src}
   */
  public void write(short[] src, int offset, int frames) throws IOException {
    int samples = admit(src.length, offset, frames);
    for (int i = 0; i < samples; i++) {
      if (!pending.hasRemaining()) {
        flush();
      }
      pending.putShort(src[offset + i]);
    }
  }

  /** Writes what is buffered, then the header that counts it. */
  public void flush() throws IOException {
    if (pending.position() > 0) {
      // A view: what a full disk did not take stays, and is written in its whole when it can be.
      ByteBuffer unwritten = pending.duplicate().flip();
      long position = dataOffset + dataBytes;
      while (unwritten.hasRemaining()) {
        position += file.write(unwritten, position);
      }
      dataBytes += pending.position();
      pending.clear();
      headerDue = true;
    }
    if (headerDue) {
      writeHeader();
      headerDue = false;
    }
  }

  /** As {@link #flush}, and waits until the disk has it. */
  public void sync() throws IOException {
    flush();
    file.force(false);
  }

  private int admit(int available, int offset, int frames) throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    int samples = Math.multiplyExact(frames, format.channels());
    Objects.checkFromIndexSize(offset, samples, available);
    if (dataBytes + pending.position() + 2L * samples > MAX_DATA_BYTES) {
      throw new WavException(Defect.TOO_LARGE, "a RIFF file holds at most 4 GiB");
    }
    return samples;
  }

  private void writeHeader() throws IOException {
    ByteBuffer header = WavHeader.encode(format, dataBytes);
    long position = 0;
    while (header.hasRemaining()) {
      position += file.write(header, position);
    }
  }

  /** Writes what is left and closes the file. Idempotent. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      try (file) {
        flush();
      }
    }
  }
}
