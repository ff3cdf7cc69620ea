package org.linescribe.api.audiosessions;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.linescribe.media.format.ContainerFormat;

/**
 * What a connection has sent and what may not be in the session's file yet, with the place that its
 * last piece of audio was meant for.
 *
 * <pre>
 * magic(4) format(4)  frames of this connection before the last piece(8)
 *                     frames of the file before it(8)  frames of the piece(8)   bytes as received
 * </pre>
 *
 * The place is written before the piece is, so that after a kill the length of the WAV file tells
 * how much of the piece is in it, and decoding the spool again can go on exactly there.
 *
 * <p>Thread: bytes by the connection's, places under the session's lock.
 */
final class Spool implements AutoCloseable {
  static final String SUFFIX = ".in";
  private static final int MAGIC = 0x4C53_5350;
  private static final int HEADER_BYTES = 32;
  private static final int PLACE_OFFSET = 8;

  private final Path path;
  private final FileChannel file;
  private long end = HEADER_BYTES;

  private Spool(Path path, FileChannel file) {
    this.path = path;
    this.file = file;
  }

  static Spool create(Path directory, String sessionId, Optional<ContainerFormat> asked)
      throws IOException {
    Path path = Files.createTempFile(directory, sessionId + ".", SUFFIX);
    FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE);
    Spool spool = new Spool(path, file);
    int format = asked.map(known -> known.ordinal() + 1).orElse(0);
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).putInt(MAGIC).putInt(format);
    spool.put(header.clear(), 0);
    return spool;
  }

  /** One that was left, for its places: nothing is appended to it. */
  static Spool reopen(Path path) throws IOException {
    return new Spool(path, FileChannel.open(path, StandardOpenOption.WRITE));
  }

  void append(byte[] bytes) throws IOException {
    put(ByteBuffer.wrap(bytes), end);
    end += bytes.length;
  }

  /** Notes where the next piece of audio goes, before it goes there. */
  void place(long framesBefore, long fileFramesBefore, long pieceFrames) throws IOException {
    ByteBuffer place = ByteBuffer.allocate(HEADER_BYTES - PLACE_OFFSET);
    put(
        place.putLong(framesBefore).putLong(fileFramesBefore).putLong(pieceFrames).flip(),
        PLACE_OFFSET);
  }

  private void put(ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += file.write(bytes, position);
    }
  }

  /** What was appended so far, from the first byte. */
  InputStream bytes() throws IOException {
    return bytesOf(path);
  }

  private static InputStream bytesOf(Path path) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(path));
    in.skipNBytes(HEADER_BYTES);
    return in;
  }

  /** All of it is in the session's file. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(path);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** A spool that a gateway left behind. */
  record Left(
      Path path,
      Optional<ContainerFormat> asked,
      long framesBefore,
      long fileFramesBefore,
      long pieceFrames) {

    static Left read(Path path) throws IOException {
      try (DataInputStream in = new DataInputStream(Files.newInputStream(path))) {
        if (in.readInt() != MAGIC) {
          throw new IOException("not a spool: " + path.getFileName());
        }
        int format = in.readInt();
        ContainerFormat[] known = ContainerFormat.values();
        if (format < 0 || format > known.length) {
          throw new IOException("format " + format + " (expected: 0 to " + known.length + ")");
        }
        Optional<ContainerFormat> asked =
            format == 0 ? Optional.empty() : Optional.of(known[format - 1]);
        return new Left(path, asked, in.readLong(), in.readLong(), in.readLong());
      }
    }

    /** Frames of this connection that a file of a length has. */
    long framesIn(long fileFrames) {
      return framesBefore + Math.clamp(fileFrames - fileFramesBefore, 0, pieceFrames);
    }

    InputStream bytes() throws IOException {
      return bytesOf(path);
    }
  }
}
