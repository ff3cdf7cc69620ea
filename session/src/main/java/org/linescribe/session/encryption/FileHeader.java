package org.linescribe.session.encryption;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.SecretKey;

/**
 * The first 64 bytes of an encrypted file. They are not encrypted; the file's key depends on them
 * and on its name.
 *
 * <pre>
 * magic "LSCRYPT1"(8) key id(8) salt(32) bytes of a segment(4) attributes(12)
 * </pre>
 *
 * @param segmentBytes of the content, 1 to 65536
 * @param attributes 12 bytes that the content's owner reads
 */
record FileHeader(String keyId, byte[] salt, int segmentBytes, byte[] attributes) {
  static final int BYTES = 64;
  static final int ATTRIBUTES_BYTES = 12;
  private static final long MAGIC = 0x4C53_4352_5950_5431L;
  private static final int SALT_BYTES = 32;
  private static final int MAX_SEGMENT_BYTES = 1 << 16;

  static FileHeader create(
      EncryptionKey key, SecureRandom random, int segmentBytes, byte[] attributes) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return new FileHeader(key.id(), salt, segmentBytes, attributes);
  }

  /**
   * @return empty where the file is not encrypted
   */
  static Optional<FileHeader> read(FileChannel file, long at) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    while (bytes.hasRemaining() && file.read(bytes, at + bytes.position()) > 0) {
      continue;
    }
    if (bytes.position() < Long.BYTES || bytes.getLong(0) != MAGIC) {
      return Optional.empty();
    }
    if (bytes.hasRemaining()) {
      throw new DamagedFileException("it ends within its header");
    }
    bytes.flip().position(Long.BYTES);
    byte[] id = new byte[EncryptionKey.ID_BYTES];
    byte[] salt = new byte[SALT_BYTES];
    byte[] attributes = new byte[ATTRIBUTES_BYTES];
    bytes.get(id).get(salt);
    int segmentBytes = bytes.getInt();
    bytes.get(attributes);
    if (segmentBytes < 1 || segmentBytes > MAX_SEGMENT_BYTES) {
      throw new DamagedFileException("its header names segments of " + segmentBytes + " bytes");
    }
    return Optional.of(
        new FileHeader(HexFormat.of().formatHex(id), salt, segmentBytes, attributes));
  }

  byte[] encoded() {
    return ByteBuffer.allocate(BYTES)
        .putLong(MAGIC)
        .put(HexFormat.of().parseHex(keyId))
        .put(salt)
        .putInt(segmentBytes)
        .put(attributes)
        .array();
  }

  /**
   * The file's own key.
   *
   * @param name of the file, so that another one in its place has another key
   */
  SecretKey key(EncryptionKeys keys, String name) throws KeyUnavailableException {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] info =
        ByteBuffer.allocate(BYTES + nameBytes.length).put(encoded()).put(nameBytes).array();
    return keys.find(keyId).ofFile(salt, info);
  }
}
