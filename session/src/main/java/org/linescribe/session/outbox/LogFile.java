package org.linescribe.session.outbox;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.linescribe.session.storage.DataFolder;

/**
 * One file of the outbox.
 *
 * <pre>
 *  0       4        8
 *  +-------+--------+---------------+
 *  | bytes | CRC-32C| JSON, UTF-8   |   big endian; the sum is over the length and the JSON
 *  +-------+--------+---------------+
 * </pre>
 *
 * No {@code FileChannel}: it closes itself when a thread in it is interrupted. Thread: the outbox's
 * lock, but for {@link #read} and {@link #force}.
 */
final class LogFile {
  private static final int HEADER_BYTES = 8;
  private static final int MAX_RECORD_BYTES = 16 << 20;

  final Path path;
  private final RandomAccessFile file;
  private final Opener opener;
  volatile long size;
  long synced;
  int undrained;
  volatile boolean broken;
  volatile boolean deleted;

  private LogFile(Path path, RandomAccessFile file, Opener opener) {
    this.path = path;
    this.file = file;
    this.opener = opener;
  }

  static LogFile open(Path path, Opener opener) throws IOException {
    LogFile opened = new LogFile(path, opener.open(path), opener);
    DataFolder.restrict(path);
    return opened;
  }

  /** How a file comes from the disk and goes to it; a test's disk may be full, or fail. */
  @FunctionalInterface
  interface Opener {
    Opener READ_WRITE = path -> new RandomAccessFile(path.toFile(), "rw");

    RandomAccessFile open(Path path) throws IOException;

    /** Returns when everything that was written is on the disk. */
    default void sync(RandomAccessFile file) throws IOException {
      file.getFD().sync();
    }
  }

  /** Appends a record and returns where its JSON begins. */
  long append(byte[] json) throws IOException {
    if (json.length > MAX_RECORD_BYTES) {
      throw new IOException(
          "a record of " + json.length + " bytes (limit: " + MAX_RECORD_BYTES + ")");
    }
    byte[] record = new byte[HEADER_BYTES + json.length];
    ByteBuffer.wrap(record).putInt(json.length).putInt(checksum(json)).put(json);
    synchronized (file) {
      try {
        file.seek(size);
        file.write(record);
      } catch (IOException refused) {
        cutBack(refused);
        throw refused;
      }
    }
    long start = size + HEADER_BYTES;
    size += record.length;
    return start;
  }

  /** A part of a record must not lie before the next one. */
  private void cutBack(IOException because) {
    try {
      file.setLength(size);
    } catch (IOException uncut) {
      broken = true;
      because.addSuppressed(uncut);
    }
  }

  void force() throws IOException {
    opener.sync(file);
  }

  String read(long offset, int length) throws IOException {
    byte[] json = new byte[length];
    synchronized (file) {
      file.seek(offset);
      file.readFully(json);
    }
    return new String(json, StandardCharsets.UTF_8);
  }

  /** Reads every whole record and cuts the file behind the last one. */
  Scan scan(RecordVisitor visitor) throws IOException {
    long end = file.length();
    long at = 0;
    while (at + HEADER_BYTES <= end) {
      file.seek(at);
      int length = file.readInt();
      int sum = file.readInt();
      if (length < 0 || length > MAX_RECORD_BYTES || at + HEADER_BYTES + length > end) {
        break;
      }
      String json = read(at + HEADER_BYTES, length);
      if (checksum(json.getBytes(StandardCharsets.UTF_8)) != sum) {
        break;
      }
      visitor.visit(at + HEADER_BYTES, length, json);
      at += HEADER_BYTES + length;
    }
    if (at < end) {
      file.setLength(at);
      force();
    }
    size = at;
    synced = at;
    return new Scan(end - at);
  }

  private static int checksum(byte[] json) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(4).putInt(json.length).flip());
    crc.update(json);
    return (int) crc.getValue();
  }

  void close() throws IOException {
    file.close();
  }

  record Scan(long droppedBytes) {}

  @FunctionalInterface
  interface RecordVisitor {
    void visit(long offset, int length, String json);
  }
}
