package org.linescribe.session.encryption;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key from which each file's own is derived: HKDF with SHA-256, by the file's salt, header and
 * name, so that a changed header or another name makes another key.
 *
 * <p>Its id is derived too, so that nobody has to name a key, nor can name two alike. Thread: any.
 * Source: RFC 5869.
 */
final class EncryptionKey {
  static final int BYTES = 32;
  static final int ID_BYTES = 8;
  private static final byte[] ID_INFO = "LineScribe key id".getBytes(StandardCharsets.US_ASCII);

  private final SecretKeySpec key;
  private final String id;

  EncryptionKey(byte[] key) {
    this.key = new SecretKeySpec(key, "HKDF");
    try {
      byte[] derived =
          hkdf().deriveData(HKDFParameterSpec.ofExtract().addIKM(this.key).thenExpand(ID_INFO, 8));
      this.id = HexFormat.of().formatHex(derived);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KDF hkdf() throws GeneralSecurityException {
    return KDF.getInstance("HKDF-SHA256");
  }

  /** 16 hexadecimal digits; no secret. */
  String id() {
    return id;
  }

  SecretKey ofFile(byte[] salt, byte[] info) {
    try {
      return hkdf()
          .deriveKey(
              "AES",
              HKDFParameterSpec.ofExtract().addIKM(key).addSalt(salt).thenExpand(info, BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
