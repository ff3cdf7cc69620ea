package org.linescribe.session.encryption;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Appends to an encrypted file. When {@link #append} returns, what it took is safe against a kill
 * of this process, encrypted; a close ends the file with a mark, so that a reader notices when its
 * end is cut off.
 *
 * <p>Thread: one at a time; blocks. Memory: two segments.
 */
public final class EncryptedFile implements AutoCloseable {
  private static final int MAX_SEGMENT_BYTES = 4096 - Slots.OVERHEAD_BYTES;

  private static final int NOWHERE = -1;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final FileChannel file;
  private final Slots slots;
  private final byte[] attributes;
  private final byte[] pending;
  private long segment;
  private int pendingBytes;

  /** The slot with the newest version of the segment that is not full, or {@link #NOWHERE}. */
  private long newest = NOWHERE;

  private boolean closed;

  private EncryptedFile(FileChannel file, Slots slots, byte[] attributes) {
    this.file = file;
    this.slots = slots;
    this.attributes = attributes;
    this.pending = new byte[slots.segmentBytes()];
  }

  /**
   * Begins one with the first key. Takes ownership of the file.
   *
   * @param at where it begins in the file; what is there and behind is overwritten
   * @param name of the file, as which alone it can be read
   * @param attributes 12 bytes that stay readable
   * @param unitBytes what is appended comes in multiples of this, and no unit is ever cut
   */
  public static EncryptedFile create(
      FileChannel file, long at, String name, EncryptionKeys keys, byte[] attributes, int unitBytes)
      throws IOException {
    try {
      EncryptionKey key = keys.current().orElseThrow();
      FileHeader header =
          FileHeader.create(
              key,
              RANDOM,
              MAX_SEGMENT_BYTES - MAX_SEGMENT_BYTES % unitBytes,
              Arrays.copyOf(attributes, FileHeader.ATTRIBUTES_BYTES));
      file.truncate(at);
      ByteBuffer bytes = ByteBuffer.wrap(header.encoded());
      while (bytes.hasRemaining()) {
        file.write(bytes, at + bytes.position());
      }
      return new EncryptedFile(file, slots(file, at, name, header, keys), header.attributes());
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Goes on with one, closed or as a kill left it, with the key that it began with. Takes ownership
   * of the file, which is closed where this fails.
   *
   * @param isOpen whether it may lack its end: its process was killed
   * @throws KeyUnavailableException when its key is not among these
   * @throws DamagedFileException when nothing of it can be read, so that going on would overwrite
   *     it, or its end is missing
   */
  public static EncryptedFile reopen(
      FileChannel file, long at, String name, EncryptionKeys keys, boolean isOpen)
      throws IOException {
    try {
      FileHeader header =
          FileHeader.read(file, at)
              .orElseThrow(() -> new DamagedFileException("it is not encrypted"));
      EncryptedFile reopened =
          new EncryptedFile(file, slots(file, at, name, header, keys), header.attributes());
      reopened.goOn(isOpen);
      return reopened;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  static Slots slots(FileChannel file, long at, String name, FileHeader header, EncryptionKeys keys)
      throws KeyUnavailableException {
    return new Slots(
        file, at + FileHeader.BYTES, header.segmentBytes(), header.key(keys, name), RANDOM);
  }

  /** One that was cut off or changed would look whole when more is appended. */
  static void requireWhole(Slots slots, Slots.@Nullable Segment tail, boolean isOpen)
      throws IOException {
    if (!isOpen && !slots.isWhole(tail)) {
      throw new DamagedFileException("its end is missing, or it was changed or renamed");
    }
  }

  private void goOn(boolean isOpen) throws IOException {
    Slots.Segment tail = slots.tail();
    requireWhole(slots, tail, isOpen);
    if (tail != null) {
      segment = tail.number();
      pendingBytes = tail.content().length;
      System.arraycopy(tail.content(), 0, pending, 0, pendingBytes);
      newest = tail.slot();
    }
  }

  /** The attributes that it was created with. */
  public byte[] attributes() {
    return attributes.clone();
  }

  /** Bytes that were appended. */
  public long size() {
    return segment * pending.length + pendingBytes;
  }

  public void append(ByteBuffer bytes) throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    while (bytes.hasRemaining()) {
      if (pendingBytes == pending.length) {
        complete();
      }
      int count = Math.min(bytes.remaining(), pending.length - pendingBytes);
      bytes.get(pending, pendingBytes, count);
      pendingBytes += count;
      if (pendingBytes == pending.length) {
        complete();
      }
    }
    if (pendingBytes > 0) {
      // Never over the newest version: a kill may cut the write.
      long slot = newest == segment ? segment + 1 : segment;
      slots.write(segment, slot, pending, pendingBytes, false);
      newest = slot;
    }
  }

  /** Puts a full segment into its slot. */
  private void complete() throws IOException {
    toOwnSlot(false);
    segment++;
    pendingBytes = 0;
    newest = NOWHERE;
  }

  private void toOwnSlot(boolean isLast) throws IOException {
    if (newest == segment) {
      slots.write(segment, segment + 1, pending, pendingBytes, false);
      newest = segment + 1;
    }
    slots.write(segment, segment, pending, pendingBytes, isLast);
    newest = segment;
  }

  /** Closes the file without marking its end. Idempotent. */
  public void abandon() throws IOException {
    closed = true;
    file.close();
  }

  /** Marks the end, waits for the disk and closes the file. Idempotent. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      try (file) {
        toOwnSlot(true);
        file.truncate(slots.end(segment, pendingBytes));
        file.force(false);
      }
    }
  }
}
