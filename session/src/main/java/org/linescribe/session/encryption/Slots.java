package org.linescribe.session.encryption;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * The slots of an encrypted file, behind its header. Segment n, when it is full, lies in slot n.
 * One that is not full yet is written to slot n and to slot n + 1 in turn, so that a kill in the
 * middle of a write leaves the version before.
 *
 * <pre>
 * flags and bytes of the content(4)  nonce(12)  content, AES-256-GCM  tag(16)
 * flags: bit 31 the file's last segment, closed; bit 30 a version of the segment before
 * </pre>
 *
 * <p>The segment's number and the first four bytes are authenticated with the content. A nonce is
 * random and the key is the file's own: NIST SP 800-38D §8.3 allows 2^32 writes of a segment.
 *
 * <p>Thread: one at a time; blocks. Owns no file. Source: NIST SP 800-38D.
 */
final class Slots {
  static final int OVERHEAD_BYTES = 32;
  private static final int LAST = 1 << 31;
  private static final int OF_SEGMENT_BEFORE = 1 << 30;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;
  private static final String AES_GCM = "AES/GCM/NoPadding";

  private final FileChannel file;
  private final long offset;
  private final int segmentBytes;
  private final SecretKey key;
  private final Cipher cipher;
  private final SecureRandom random;
  private final ByteBuffer one;

  /** A segment as it was read. */
  record Segment(long number, long slot, byte[] content, boolean isLast) {
    /** Whether it is a later version of what the file ends with. */
    boolean isBeyond(@Nullable Segment other) {
      return other == null
          || number > other.number
          || number == other.number && content.length > other.content.length;
    }
  }

  /**
   * @param offset of the first slot
   */
  Slots(FileChannel file, long offset, int segmentBytes, SecretKey key, SecureRandom random) {
    this.file = file;
    this.offset = offset;
    this.segmentBytes = segmentBytes;
    this.key = key;
    this.random = random;
    this.one = ByteBuffer.allocate(slotBytes());
    try {
      this.cipher = Cipher.getInstance(AES_GCM);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  int segmentBytes() {
    return segmentBytes;
  }

  int slotBytes() {
    return segmentBytes + OVERHEAD_BYTES;
  }

  /** Slots of which the file has at least a part. */
  long count() throws IOException {
    return Math.ceilDiv(Math.max(0, file.size() - offset), slotBytes());
  }

  /** Where a slot ends that holds so much content. */
  long end(long slot, int bytes) {
    return offset + slot * slotBytes() + OVERHEAD_BYTES + bytes;
  }

  /** Whether the file ends where its mark says, with the mark of a file that was closed. */
  boolean isWhole(@Nullable Segment tail) throws IOException {
    return tail != null && tail.isLast() && file.size() == end(tail.slot(), tail.content().length);
  }

  /** Writes a segment to its slot, or to the one after. */
  void write(long segment, long slot, byte[] content, int bytes, boolean isLast)
      throws IOException {
    int word = bytes | (isLast ? LAST : 0) | (slot == segment ? 0 : OF_SEGMENT_BEFORE);
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    one.clear().putInt(word).put(nonce);
    try {
      init(Cipher.ENCRYPT_MODE, segment, word, nonce);
      cipher.doFinal(ByteBuffer.wrap(content, 0, bytes), one);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    one.flip();
    long at = offset + slot * slotBytes();
    while (one.hasRemaining()) {
      at += file.write(one, at);
    }
  }

  private void init(int mode, long segment, int word, byte[] nonce)
      throws GeneralSecurityException {
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
    cipher.updateAAD(ByteBuffer.allocate(12).putLong(segment).putInt(word).flip());
  }

  /** Null where the slot holds nothing that this key wrote there. */
  @Nullable Segment read(long slot) throws IOException {
    one.clear();
    fill(one, slot);
    return decrypted(one.flip(), slot);
  }

  /**
   * Reads the bytes of slots that follow each other, as far as the file goes.
   *
   * @param dst a multiple of {@link #slotBytes}
   */
  void fill(ByteBuffer dst, long firstSlot) throws IOException {
    long at = offset + firstSlot * slotBytes();
    int read;
    while (dst.hasRemaining() && (read = file.read(dst, at)) > 0) {
      at += read;
    }
  }

  /**
   * @param bytes of one slot, perhaps cut off
   */
  @Nullable Segment decrypted(ByteBuffer bytes, long slot) throws IOException {
    if (bytes.remaining() < OVERHEAD_BYTES) {
      return null;
    }
    int word = bytes.getInt();
    int length = word & ~(LAST | OF_SEGMENT_BEFORE);
    byte[] nonce = new byte[NONCE_BYTES];
    bytes.get(nonce);
    long segment = (word & OF_SEGMENT_BEFORE) == 0 ? slot : slot - 1;
    if (length > segmentBytes || bytes.remaining() < length + TAG_BYTES || segment < 0) {
      return null;
    }
    try {
      init(Cipher.DECRYPT_MODE, segment, word, nonce);
      byte[] content = new byte[length];
      cipher.doFinal(bytes.limit(bytes.position() + length + TAG_BYTES), ByteBuffer.wrap(content));
      return new Segment(segment, slot, content, (word & LAST) != 0);
    } catch (AEADBadTagException changed) {
      return null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What the file ends with: the later one of the last slot that can be read and of the one before
   * it. A kill leaves one slot at most half written; a power cut may leave more.
   *
   * @return null where nothing was appended yet
   * @throws DamagedFileException where no segment can be read, which no kill does: its header was
   *     changed, or all of them
   */
  @Nullable Segment tail() throws IOException {
    Segment tail = null;
    long newestReadable = -1;
    for (long slot = count() - 1; slot >= 0; slot--) {
      Segment found = read(slot);
      if (found != null && found.isBeyond(tail)) {
        tail = found;
      }
      if (newestReadable >= 0) {
        break;
      }
      newestReadable = found == null ? -1 : slot;
    }
    if (tail == null && count() > 1) {
      throw new DamagedFileException("it was changed or renamed: none of its segments can be read");
    }
    return tail;
  }
}
