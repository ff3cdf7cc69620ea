package org.linescribe.gateway.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A peer's connectivity check: a Binding request that proves to know our password.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0 0|     STUN message type     |         message length        |
 * |                         magic cookie                          |
 * |                 transaction id (96 bits)                      |
 * |       attribute type          |         its length            |
 * |       its value, padded to 32 bits …                          |
 * </pre>
 *
 * <p>Thread: any; immutable. Errors: bytes from the wire never throw. Source: RFC 8489 §5, §14; RFC
 * 8445 §7.3.
 */
public final class StunBinding {
  private static final int HEADER_BYTES = 20;
  private static final int MAGIC_COOKIE = 0x2112_A442;
  private static final int BINDING_REQUEST = 0x0001;
  private static final int BINDING_SUCCESS = 0x0101;
  private static final int USERNAME = 0x0006;
  private static final int MESSAGE_INTEGRITY = 0x0008;
  private static final int XOR_MAPPED_ADDRESS = 0x0020;
  private static final int PRIORITY = 0x0024;
  private static final int USE_CANDIDATE = 0x0025;
  private static final int FINGERPRINT = 0x8028;
  private static final int FINGERPRINT_MASK = 0x5354_554E;
  private static final int HMAC_BYTES = 20;

  private final byte[] transaction;
  private final boolean nominates;
  private final long priority;
  private final byte[] key;

  private StunBinding(byte[] transaction, boolean nominates, long priority, byte[] key) {
    this.transaction = transaction;
    this.nominates = nominates;
    this.priority = priority;
    this.key = key;
  }

  /** Whether a datagram's first byte is STUN's. Source: RFC 7983 §7. */
  public static boolean isStun(int firstByte) {
    return firstByte <= 3;
  }

  /**
   * Reads a request.
   *
   * @return empty when it is none, or not for this stream, or its integrity is not proven
   */
  public static Optional<StunBinding> parse(byte[] message, IceSession ice) {
    ByteBuffer in = ByteBuffer.wrap(message);
    if (message.length < HEADER_BYTES
        || in.getShort(0) != BINDING_REQUEST
        || in.getShort(2) != message.length - HEADER_BYTES
        || in.getInt(4) != MAGIC_COOKIE) {
      return Optional.empty();
    }
    byte[] key = ice.ours().password().getBytes(StandardCharsets.US_ASCII);
    byte[] expectedUser =
        (ice.ours().ufrag() + ":" + ice.theirUfrag()).getBytes(StandardCharsets.US_ASCII);
    boolean isForUs = false;
    boolean nominates = false;
    long priority = 0;
    int at = HEADER_BYTES;
    while (at + 4 <= message.length) {
      int type = in.getShort(at) & 0xFFFF;
      int length = in.getShort(at + 2) & 0xFFFF;
      int value = at + 4;
      if (length > message.length - value) {
        return Optional.empty();
      }
      switch (type) {
        case USERNAME ->
            isForUs =
                Arrays.equals(message, value, value + length, expectedUser, 0, expectedUser.length);
        case USE_CANDIDATE -> nominates = true;
        case PRIORITY -> priority = length == 4 ? in.getInt(value) & 0xFFFF_FFFFL : 0;
        case MESSAGE_INTEGRITY -> {
          // What follows the integrity is not covered by it, and ignored.
          return isForUs && length == HMAC_BYTES && isProven(message, at, key)
              ? Optional.of(
                  new StunBinding(
                      Arrays.copyOfRange(message, 8, HEADER_BYTES), nominates, priority, key))
              : Optional.empty();
        }
        default -> {}
      }
      at = value + (length + 3) / 4 * 4;
    }
    return Optional.empty();
  }

  private static boolean isProven(byte[] message, int at, byte[] key) {
    byte[] covered = Arrays.copyOf(message, at);
    ByteBuffer.wrap(covered).putShort(2, (short) (at + 4 + HMAC_BYTES - HEADER_BYTES));
    return MessageDigest.isEqual(
        hmac(covered, at, key), Arrays.copyOfRange(message, at + 4, at + 4 + HMAC_BYTES));
  }

  /** Whether the peer chose this pair of addresses for the media. */
  public boolean nominates() {
    return nominates;
  }

  /** Of the peer's candidate, 0 to 2^32 - 1; 0 when it does not tell. Source: RFC 8445 §7.1.1. */
  public long priority() {
    return priority;
  }

  /** The transaction id, 12 bytes, read-only; equal for the repetitions of one request. */
  public ByteBuffer transaction() {
    return ByteBuffer.wrap(transaction).asReadOnlyBuffer();
  }

  /** The answer, which tells the peer where its request came from. */
  public byte[] success(InetSocketAddress from) {
    byte[] address = from.getAddress().getAddress();
    int mapped = 4 + address.length;
    int length = 4 + mapped + 4 + HMAC_BYTES + 8;
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + length);
    out.putShort((short) BINDING_SUCCESS).putShort((short) (length - 8));
    out.putInt(MAGIC_COOKIE).put(transaction);
    out.putShort((short) XOR_MAPPED_ADDRESS).putShort((short) mapped);
    out.put((byte) 0).put((byte) (address.length == 4 ? 1 : 2));
    out.putShort((short) (from.getPort() ^ MAGIC_COOKIE >>> 16));
    byte[] mask = ByteBuffer.allocate(16).putInt(MAGIC_COOKIE).put(transaction).array();
    for (int i = 0; i < address.length; i++) {
      out.put((byte) (address[i] ^ mask[i]));
    }
    byte[] integrity = hmac(out.array(), out.position(), key);
    out.putShort((short) MESSAGE_INTEGRITY).putShort((short) HMAC_BYTES).put(integrity);
    out.putShort(2, (short) length);
    CRC32 crc = new CRC32();
    crc.update(out.array(), 0, out.position());
    out.putShort((short) FINGERPRINT).putShort((short) 4);
    out.putInt((int) crc.getValue() ^ FINGERPRINT_MASK);
    return out.array();
  }

  private static byte[] hmac(byte[] message, int length, byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(key, "HmacSHA1"));
      mac.update(message, 0, length);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
