package org.linescribe.session.encryption;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the content of an encrypted file at any place, and decrypts no more than the segments that
 * are asked for. It is as it was when it was opened, also while it grows.
 *
 * <p>Thread: one at a time; blocks. Memory: 17 segments.
 */
public final class EncryptedFileReader implements AutoCloseable {
  private static final int READ_AHEAD = 16;

  private final FileChannel file;
  private final byte[] attributes;
  private final Slots slots;
  private final long tailSegment;
  private final byte[] tail;
  private final ByteBuffer ahead;
  private long aheadFirst;
  private int aheadCount;
  private long decrypted;

  private EncryptedFileReader(
      FileChannel file, byte[] attributes, Slots slots, Slots.@Nullable Segment end) {
    this.file = file;
    this.attributes = attributes;
    this.slots = slots;
    this.tailSegment = end == null ? 0 : end.number();
    this.tail = end == null ? new byte[0] : end.content();
    this.ahead = ByteBuffer.allocate(READ_AHEAD * slots.slotBytes());
  }

  /**
   * Whether a file is encrypted.
   *
   * @param at where it would begin in the file
   */
  public static boolean isEncrypted(FileChannel file, long at) throws IOException {
    return FileHeader.read(file, at).isPresent();
  }

  /**
   * An estimate of the content's size that needs no key; exact of a file that was closed. Empty
   * where the file is not encrypted.
   */
  public static OptionalLong sizeWithoutKey(FileChannel file, long at) throws IOException {
    Optional<FileHeader> header = FileHeader.read(file, at);
    if (header.isEmpty()) {
      return OptionalLong.empty();
    }
    int slotBytes = header.get().segmentBytes() + Slots.OVERHEAD_BYTES;
    long bytes = Math.max(0, file.size() - at - FileHeader.BYTES);
    return OptionalLong.of(
        Math.max(0, bytes - Math.ceilDiv(bytes, slotBytes) * Slots.OVERHEAD_BYTES));
  }

  /** The attributes, which are not encrypted; empty where the file is not. */
  public static Optional<byte[]> attributes(FileChannel file, long at) throws IOException {
    return FileHeader.read(file, at).map(FileHeader::attributes);
  }

  /** The id of its key; empty where the file is not encrypted. */
  public static Optional<String> keyId(FileChannel file, long at) throws IOException {
    return FileHeader.read(file, at).map(FileHeader::keyId);
  }

  /**
   * Takes ownership of the file, which is closed where this fails.
   *
   * @param name that it was written with
   * @param isOpen whether it may lack its end: it is being written, or was when its process was
   *     killed
   * @throws KeyUnavailableException when its key is not among these
   * @throws DamagedFileException when its end is missing or is not what was written
   */
  public static EncryptedFileReader open(
      FileChannel file, long at, String name, EncryptionKeys keys, boolean isOpen)
      throws IOException {
    try {
      FileHeader header =
          FileHeader.read(file, at)
              .orElseThrow(() -> new DamagedFileException("it is not encrypted"));
      Slots slots = EncryptedFile.slots(file, at, name, header, keys);
      Slots.Segment end = slots.tail();
      EncryptedFile.requireWhole(slots, end, isOpen);
      return new EncryptedFileReader(file, header.attributes(), slots, end);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  public byte[] attributes() {
    return attributes.clone();
  }

  /** Bytes of the content. */
  public long size() {
    return tailSegment * slots.segmentBytes() + tail.length;
  }

  /** Segments that were decrypted, without the last one. */
  long decryptedSegments() {
    return decrypted;
  }

  /**
   * Reads the content from a place on, as much as there is and the buffer takes.
   *
   * @throws DamagedFileException when it is not what was written; nothing of the segment is
   *     returned
   */
  public void read(ByteBuffer dst, long position) throws IOException {
    long at = position;
    while (dst.hasRemaining() && at < size()) {
      long segment = at / slots.segmentBytes();
      byte[] content = segment == tailSegment ? tail : content(segment, dst.remaining());
      int from = (int) (at % slots.segmentBytes());
      int count = Math.min(dst.remaining(), content.length - from);
      dst.put(content, from, count);
      at += count;
    }
  }

  /** The content from its beginning; closing it closes this. */
  public InputStream stream() {
    return Channels.newInputStream(new Content());
  }

  private final class Content implements ReadableByteChannel {
    private long position;

    @Override
    public int read(ByteBuffer dst) throws IOException {
      int before = dst.position();
      try {
        EncryptedFileReader.this.read(dst, position);
      } catch (DamagedFileException e) {
        if (dst.position() == before) {
          throw e;
        }
        // What is before the damage first; the next read throws.
      }
      int count = dst.position() - before;
      position += count;
      return count == 0 ? -1 : count;
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private byte[] content(long segment, int wanted) throws IOException {
    if (segment < aheadFirst || segment >= aheadFirst + aheadCount) {
      readAhead(segment, wanted);
    }
    int at = (int) (segment - aheadFirst) * slots.slotBytes();
    Slots.Segment found =
        slots.decrypted(ahead.duplicate().position(at).limit(at + slots.slotBytes()), segment);
    if (found == null
        || found.number() != segment
        || found.content().length != slots.segmentBytes()) {
      throw new DamagedFileException("segment " + segment + " is not as it was written");
    }
    decrypted++;
    return found.content();
  }

  private void readAhead(long segment, int wanted) throws IOException {
    long slotsWanted = 1 + Math.ceilDiv(wanted, slots.segmentBytes());
    int count = (int) Math.min(Math.min(slotsWanted, READ_AHEAD), tailSegment - segment);
    ahead.clear().limit(count * slots.slotBytes());
    slots.fill(ahead, segment);
    if (ahead.hasRemaining()) {
      throw new EOFException("it was cut off while it was read");
    }
    aheadFirst = segment;
    aheadCount = count;
    ahead.clear();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
