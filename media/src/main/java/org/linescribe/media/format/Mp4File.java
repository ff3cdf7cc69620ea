package org.linescribe.media.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.linescribe.media.resources.TemporaryFolder;

/**
 * An MP4 file whose index follows its audio: FFmpeg must seek in it, so it is kept on disk until it
 * is complete.
 *
 * <pre>
 * { size(4, big-endian) type(4) [largesize(8) where size is 1] body }*
 * </pre>
 *
 * <p>Thread: one at a time; blocks. Source: ISO/IEC 14496-12 §4.2.
 */
final class Mp4File implements AutoCloseable {
  private static final long MAX_BYTES = 256L << 20;
  private static final int MAX_LEADING_BYTES = 1 << 20;

  /** Where the index lies. */
  enum Layout {
    /** Before the audio: it decodes from a pipe, as a fragmented file does. */
    INDEX_FIRST,
    INDEX_LAST,
    /** Neither has come yet. */
    UNKNOWN
  }

  private final Path path;
  private final FileChannel file;

  Mp4File() throws IOException {
    path = TemporaryFolder.createFile("mp4", ".bin");
    file = FileChannel.open(path, StandardOpenOption.WRITE);
  }

  static Layout layout(byte[] bytes, int length) {
    ByteBuffer boxes = ByteBuffer.wrap(bytes, 0, length);
    long at = 0;
    while (at + 16 <= length) {
      long size = Integer.toUnsignedLong(boxes.getInt((int) at));
      switch (new String(bytes, (int) at + 4, 4, StandardCharsets.ISO_8859_1)) {
        case "moov", "moof" -> {
          return Layout.INDEX_FIRST;
        }
        case "mdat" -> {
          return Layout.INDEX_LAST;
        }
        default -> at += Math.max(8, size == 1 ? boxes.getLong((int) at + 8) : size);
      }
    }
    return length < MAX_LEADING_BYTES ? Layout.UNKNOWN : Layout.INDEX_FIRST;
  }

  void write(byte[] bytes, int offset, int length) throws IOException {
    if (file.size() + length > MAX_BYTES) {
      throw new DecodeException(
          DecodeException.Reason.TOO_MUCH_OUTPUT,
          "an MP4 file with its index at its end has more than " + MAX_BYTES + " bytes");
    }
    ByteBuffer from = ByteBuffer.wrap(bytes, offset, length);
    while (from.hasRemaining()) {
      file.write(from);
    }
  }

  void decode(Ffmpeg ffmpeg, DecodeRequest request, PcmSink sink) throws DecodeException {
    new FfmpegFileDecoder(ffmpeg).decode(path, request, sink, DecodeProgress.none());
  }

  @Override
  public void close() throws IOException {
    file.close();
    Files.deleteIfExists(path);
  }
}
