package org.linescribe.gateway.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds a private key that is not the certificate's. Netty and the JDK take such a pair, and every
 * handshake fails then.
 *
 * <p>Source: RFC 7468 §10.
 */
final class KeyPairCheck {
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final byte[] SIGNED = "linescribe".getBytes(StandardCharsets.US_ASCII);

  private KeyPairCheck() {}

  /**
   * Whether the key is the first certificate's; also where it is of a kind that cannot be checked.
   */
  static boolean belongTogether(Path certificate, Path key)
      throws IOException, GeneralSecurityException {
    Matcher pem = PKCS8.matcher(Files.readString(key, StandardCharsets.ISO_8859_1));
    PublicKey known =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate)))
            .getPublicKey();
    String algorithm =
        switch (known.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "EdDSA" -> "EdDSA";
          default -> "";
        };
    if (algorithm.isEmpty() || !pem.find()) {
      return true;
    }
    PrivateKey secret =
        KeyFactory.getInstance(known.getAlgorithm())
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(secret);
    signature.update(SIGNED);
    byte[] signed = signature.sign();
    signature.initVerify(known);
    signature.update(SIGNED);
    return signature.verify(signed);
  }
}
