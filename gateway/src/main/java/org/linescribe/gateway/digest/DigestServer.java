package org.linescribe.gateway.digest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Challenges requests and verifies the answers. A nonce carries its time under a MAC, so that a
 * challenge costs no memory; each value of its count is accepted once.
 *
 * <p>Thread: any. Source: RFC 7616 §3.3, §3.4; RFC 8760 §2.3: a challenge for each algorithm.
 */
public final class DigestServer {
  private static final long NONCE_LIFE_MS = 300_000;
  private static final int MAX_NONCES = 10_000;
  private static final int MAC_BYTES = 16;

  /** What a request's credentials are worth. */
  public enum Verdict {
    ACCEPTED,
    /** None, or not for us. */
    ABSENT,
    /** Right, but of a nonce that is too old or was used: the client shall try again. */
    STALE,
    WRONG
  }

  /**
   * @param username that was proved when accepted, else as the client claims it
   */
  public record Verified(Verdict verdict, String username) {}

  private final String realm;
  private final List<DigestAlgorithm> offered;
  private final Function<String, Optional<String>> passwords;
  private final byte[] key = new byte[32];
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Long> counts = new LinkedHashMap<>();
  private long forgottenBeforeMs;

  /**
   * @param offered the algorithms, the preferred first
   * @param passwords the password of a user name
   */
  public DigestServer(
      String realm, List<DigestAlgorithm> offered, Function<String, Optional<String>> passwords) {
    this.realm = realm;
    this.offered = List.copyOf(offered);
    this.passwords = passwords;
    random.nextBytes(key);
  }

  /** Values of WWW-Authenticate, one for each algorithm. */
  public List<String> challenges(long nowMs, boolean stale) {
    String nonce = nonce(nowMs);
    return offered.stream()
        .map(
            algorithm ->
                "Digest realm=\"%s\", nonce=\"%s\", algorithm=%s, qop=\"auth\"%s"
                    .formatted(realm, nonce, algorithm.token(), stale ? ", stale=true" : ""))
        .toList();
  }

  /**
   * Verifies the value of an Authorization header. The URI that it names is not compared with the
   * request's: proxies rewrite that one, and a count is good for one request only.
   */
  public Verified verify(String authorization, String method, long nowMs) {
    Optional<DigestFields> parsed = DigestFields.parse(authorization);
    if (parsed.isEmpty() || !parsed.get().get("realm").equals(realm)) {
      return new Verified(Verdict.ABSENT, "");
    }
    DigestFields fields = parsed.get();
    String username = fields.get("username");
    Optional<DigestAlgorithm> algorithm =
        DigestAlgorithm.of(fields.get("algorithm")).filter(offered::contains);
    Optional<String> password = passwords.apply(username);
    String qop = fields.get("qop").toLowerCase(Locale.ROOT);
    long count = count(fields, qop);
    if (algorithm.isEmpty() || password.isEmpty() || count < 1) {
      return new Verified(Verdict.WRONG, username);
    }
    String expected =
        algorithm
            .get()
            .response(
                username,
                realm,
                password.get(),
                method,
                fields.get("uri"),
                fields.get("nonce"),
                fields.get("nc"),
                fields.get("cnonce"),
                qop);
    if (!MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8),
        fields.get("response").toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8))) {
      return new Verified(Verdict.WRONG, username);
    }
    return new Verified(
        isFresh(fields.get("nonce"), count, nowMs) ? Verdict.ACCEPTED : Verdict.STALE, username);
  }

  /** Of a client without qop a nonce is good once. */
  private static long count(DigestFields fields, String qop) {
    if (qop.isEmpty()) {
      return 1;
    }
    String nc = fields.get("nc");
    return qop.equals("auth") && nc.matches("[0-9a-fA-F]{8}") ? Long.parseLong(nc, 16) : -1;
  }

  private synchronized boolean isFresh(String nonce, long count, long nowMs) {
    Optional<Long> issued = issuedMs(nonce);
    if (issued.isEmpty() || nowMs - issued.get() > NONCE_LIFE_MS || issued.get() > nowMs) {
      return false;
    }
    Long used = counts.get(nonce);
    if (used == null ? issued.get() < forgottenBeforeMs : count <= used) {
      return false;
    }
    counts.put(nonce, count);
    if (counts.size() > MAX_NONCES) {
      String oldest = counts.keySet().iterator().next();
      counts.remove(oldest);
      forgottenBeforeMs = Math.max(forgottenBeforeMs, issuedMs(oldest).orElse(nowMs) + 1);
    }
    return true;
  }

  private String nonce(long nowMs) {
    byte[] salt = new byte[8];
    random.nextBytes(salt);
    byte[] stamp = ByteBuffer.allocate(16).putLong(nowMs).put(salt).array();
    byte[] whole = Arrays.copyOf(stamp, stamp.length + MAC_BYTES);
    System.arraycopy(mac(stamp), 0, whole, stamp.length, MAC_BYTES);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
  }

  /** When we issued a nonce; empty when we did not. */
  private Optional<Long> issuedMs(String nonce) {
    byte[] whole;
    try {
      whole = Base64.getUrlDecoder().decode(nonce);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (whole.length != 16 + MAC_BYTES) {
      return Optional.empty();
    }
    byte[] stamp = Arrays.copyOf(whole, 16);
    byte[] mac = Arrays.copyOf(mac(stamp), MAC_BYTES);
    return MessageDigest.isEqual(mac, Arrays.copyOfRange(whole, 16, whole.length))
        ? Optional.of(ByteBuffer.wrap(stamp).getLong())
        : Optional.empty();
  }

  private byte[] mac(byte[] stamp) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(stamp);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
