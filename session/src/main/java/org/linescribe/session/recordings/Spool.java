package org.linescribe.session.recordings;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.session.encryption.DamagedFileException;
import org.linescribe.session.encryption.EncryptedFile;
import org.linescribe.session.encryption.EncryptedFileReader;
import org.linescribe.session.encryption.EncryptionKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of a stream whose audio may not be in the recording's file yet, with the position at
 * which its last piece of audio was to be appended.
 *
 * <pre>
 * magic(4) format(4)  frames of this stream before the last piece(8)
 *                     frames of the file before it(8)  frames of the piece(8)   bytes as received
 * </pre>
 *
 * <p>With a key, the bytes as received are encrypted; the positions are not.
 *
 * <p>The position is written before the piece is, so that after a kill the length of the WAV file
 * shows how much of the piece is in it, and decoding the spool again goes on exactly there.
 *
 * <p>Thread: bytes by the stream's, positions under the writer's lock.
 */
final class Spool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
  private static final int PLAIN = 0x4C53_5350;

  /** The bytes as received are an encrypted file from the header's end on. */
  private static final int ENCRYPTED = 0x4C53_5345;

  /** Of one that was damaged, which nothing reads any more. */
  static final String DAMAGED_SUFFIX = ".damaged";

  private static final int HEADER_BYTES = 32;
  private static final int POSITION_OFFSET = 8;
  private static final int PIECE_BYTES = 64 * 1024;

  private final Path path;
  private final FileChannel file;
  private final EncryptionKeys keys;
  private @Nullable EncryptedFile encrypted;
  private long end = HEADER_BYTES;

  private Spool(Path path, FileChannel file, EncryptionKeys keys) {
    this.path = path;
    this.file = file;
    this.keys = keys;
  }

  /**
   * @param keys none for a plain one
   */
  static Spool create(
      Path directory, String name, Optional<ContainerFormat> asked, EncryptionKeys keys)
      throws IOException {
    Path path = Files.createTempFile(directory, name + ".", RecordingFolder.SPOOL_SUFFIX);
    Spool spool = reopen(path, keys);
    int number = asked.map(known -> known.ordinal() + 1).orElse(0);
    ByteBuffer header =
        ByteBuffer.allocate(HEADER_BYTES).putInt(keys.isEmpty() ? PLAIN : ENCRYPTED).putInt(number);
    spool.put(header.clear(), 0);
    if (!keys.isEmpty()) {
      spool.encrypted =
          EncryptedFile.create(spool.file, HEADER_BYTES, spool.name(), keys, new byte[0], 1);
    }
    return spool;
  }

  /** Opens one that was left, for its position: nothing is appended to it. */
  static Spool reopen(Path path, EncryptionKeys keys) throws IOException {
    return new Spool(path, FileChannel.open(path, StandardOpenOption.WRITE), keys);
  }

  void append(byte[] bytes) throws IOException {
    EncryptedFile content = encrypted;
    if (content != null) {
      content.append(ByteBuffer.wrap(bytes));
      return;
    }
    put(ByteBuffer.wrap(bytes), end);
    end += bytes.length;
  }

  /** Writes where the next piece of audio goes, before it goes there. */
  void position(long framesBefore, long fileFramesBefore, long pieceFrames) throws IOException {
    ByteBuffer position = ByteBuffer.allocate(HEADER_BYTES - POSITION_OFFSET);
    put(
        position.putLong(framesBefore).putLong(fileFramesBefore).putLong(pieceFrames).flip(),
        POSITION_OFFSET);
  }

  private void put(ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += file.write(bytes, position);
    }
  }

  /** It cannot be read: unlike its decoding, no fault of its stream. */
  static final class ReadException extends IOException {
    private static final long serialVersionUID = 1L;

    ReadException(IOException cause) {
      super(cause.getMessage(), cause);
    }

    /** A later try reads no more of it. */
    boolean isDamage() {
      return getCause() instanceof DamagedFileException;
    }
  }

  /** Takes what was appended. */
  interface PieceConsumer {
    /**
     * @param piece borrowed
     */
    void accept(byte[] piece, int length) throws IOException;
  }

  /**
   * Hands over what was appended so far, from the first byte.
   *
   * @throws ReadException when it cannot be read; what the consumer throws passes as it is
   */
  void forEachPiece(PieceConsumer consumer) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    try (InputStream in = readable()) {
      for (int read = read(in, piece); read >= 0; read = read(in, piece)) {
        consumer.accept(piece, read);
      }
    }
  }

  private InputStream readable() throws ReadException {
    try {
      return bytes();
    } catch (IOException e) {
      throw new ReadException(e);
    }
  }

  private static int read(InputStream in, byte[] piece) throws ReadException {
    try {
      return in.read(piece);
    } catch (IOException e) {
      throw new ReadException(e);
    }
  }

  /** What was appended so far, from the first byte. */
  InputStream bytes() throws IOException {
    FileChannel content = FileChannel.open(path, StandardOpenOption.READ);
    try {
      // By the magic: the content of a plain one is the client's, who may imitate anything.
      if (isEncrypted(content)) {
        return EncryptedFileReader.open(content, HEADER_BYTES, name(), keys, true).stream();
      }
      content.position(HEADER_BYTES);
      return new BufferedInputStream(Channels.newInputStream(content));
    } catch (IOException | RuntimeException e) {
      content.close();
      throw e;
    }
  }

  private String name() {
    return path.getFileName().toString();
  }

  private static boolean isEncrypted(FileChannel file) throws IOException {
    ByteBuffer magic = ByteBuffer.allocate(Integer.BYTES);
    while (magic.hasRemaining() && file.read(magic, magic.position()) > 0) {
      continue;
    }
    return !magic.hasRemaining() && magic.getInt(0) == ENCRYPTED;
  }

  /**
   * The id of the key that a spool's content needs; empty where it is plain.
   *
   * @throws DamagedFileException when its header is not one
   */
  static Optional<String> keyId(FileChannel file) throws IOException {
    if (file.size() == 0) {
      return Optional.empty();
    }
    Header.read(file);
    return isEncrypted(file) ? EncryptedFileReader.keyId(file, HEADER_BYTES) : Optional.empty();
  }

  /** Puts it aside, because no more of it can be read; returns its new name. */
  String keepDamaged() throws IOException {
    close();
    return keepDamaged(path);
  }

  /** Puts one aside that nobody has open; returns its new name. */
  static String keepDamaged(Path path) throws IOException {
    String name = path.getFileName().toString();
    String kept =
        name.substring(0, name.length() - RecordingFolder.SPOOL_SUFFIX.length()) + DAMAGED_SUFFIX;
    Files.move(path, path.resolveSibling(kept), StandardCopyOption.ATOMIC_MOVE);
    return kept;
  }

  /** Deletes it, because all of its audio is in the recording's file. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(path);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** As the class's diagram shows it. */
  private record Header(
      Optional<ContainerFormat> asked, long framesBefore, long fileFramesBefore, long pieceFrames) {
    static Header read(FileChannel file) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
      while (bytes.hasRemaining() && file.read(bytes, bytes.position()) > 0) {
        continue;
      }
      if (bytes.hasRemaining()) {
        throw new DamagedFileException("a header of " + bytes.position() + " bytes");
      }
      bytes.flip();
      int magic = bytes.getInt();
      if (magic != PLAIN && magic != ENCRYPTED) {
        throw new DamagedFileException("it does not begin as a spool");
      }
      int number = bytes.getInt();
      ContainerFormat[] known = ContainerFormat.values();
      if (number < 0 || number > known.length) {
        throw new DamagedFileException(
            "format " + number + " (expected: 0 to " + known.length + ")");
      }
      Header header =
          new Header(
              number == 0 ? Optional.empty() : Optional.of(known[number - 1]),
              bytes.getLong(),
              bytes.getLong(),
              bytes.getLong());
      if (header.framesBefore < 0 || header.fileFramesBefore < 0 || header.pieceFrames < 0) {
        throw new DamagedFileException("a position before the beginning");
      }
      return header;
    }
  }

  /** A spool that a killed process left behind. */
  record Left(
      Path path,
      Optional<ContainerFormat> asked,
      long framesBefore,
      long fileFramesBefore,
      long pieceFrames) {

    /** All of a recording; one whose header was damaged is put aside. */
    static List<Left> readAll(List<Path> files) throws IOException {
      List<Left> spools = new ArrayList<>();
      for (Path path : files) {
        if (Files.size(path) == 0) {
          // The kill came before its header, and so before any audio.
          Files.delete(path);
          continue;
        }
        try {
          spools.add(read(path));
        } catch (DamagedFileException damaged) {
          LOG.error(
              "Recording {}: the header of a spool was damaged, and its audio is missing; kept as"
                  + " {}: {}",
              FolderEntries.nameOf(path),
              keepDamaged(path),
              damaged.getMessage());
        }
      }
      return spools;
    }

    private static Left read(Path path) throws IOException {
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
        Header header = Header.read(file);
        return new Left(
            path,
            header.asked(),
            header.framesBefore(),
            header.fileFramesBefore(),
            header.pieceFrames());
      }
    }

    /** Frames of this stream that are in a file of a length. */
    long framesIn(long fileFrames) {
      return framesBefore + Math.clamp(fileFrames - fileFramesBefore, 0, pieceFrames);
    }
  }
}
