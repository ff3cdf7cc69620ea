package org.linescribe.api.mediastreams;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks {@code X-Twilio-Signature} of an upgrade: the base64 HMAC-SHA1 of its whole URL by the
 * account's auth token. A proxy in front must pass on the host's name; which scheme the client used
 * is not known behind it, so that each is tried.
 *
 * <p>Source: Twilio, Security, "Validating requests are coming from Twilio".
 */
final class TwilioSignature {
  static final String HEADER = "X-Twilio-Signature";
  private static final String ALGORITHM = "HmacSHA1";
  private static final List<String> SCHEMES = List.of("wss", "https", "ws", "http");

  private TwilioSignature() {}

  /**
   * @param host of the request's header {@code Host}
   */
  static boolean isValid(String signature, String authToken, String host, URI request) {
    String query = request.getRawQuery();
    String rest = host + request.getRawPath() + (query == null ? "" : "?" + query);
    return SCHEMES.stream().anyMatch(scheme -> isOf(signature, authToken, scheme + "://" + rest));
  }

  private static boolean isOf(String signature, String authToken, String url) {
    return MessageDigest.isEqual(
        sign(authToken, url).getBytes(StandardCharsets.US_ASCII),
        signature.strip().getBytes(StandardCharsets.UTF_8));
  }

  static String sign(String authToken, String url) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(authToken.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return Base64.getEncoder().encodeToString(mac.doFinal(url.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(ALGORITHM, missing);
    }
  }
}
