package org.linescribe.gateway.digest;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Answers a server's challenges with one account.
 *
 * <p>Thread: one at a time. Source: RFC 7616 §3.4, RFC 8760 §2.4: of several challenges the first
 * that is understood counts.
 */
public final class DigestClient {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String username;
  private final String password;
  private final Supplier<String> cnonces;
  private String nonce = "";
  private int nonceCount;

  public DigestClient(String username, String password) {
    this(
        username,
        password,
        () -> {
          byte[] random = new byte[16];
          RANDOM.nextBytes(random);
          return HexFormat.of().formatHex(random);
        });
  }

  DigestClient(String username, String password, Supplier<String> cnonces) {
    this.username = username;
    this.password = password;
    this.cnonces = cnonces;
  }

  /**
   * The value of the Authorization or Proxy-Authorization header.
   *
   * @param challenges the WWW-Authenticate or Proxy-Authenticate values, in their order
   * @param isRetry whether the request that was challenged carried credentials already
   * @return empty when none can be answered, or when the server refused the account: then another
   *     attempt would only lock it
   */
  public Optional<String> answer(
      List<String> challenges, String method, String uri, boolean isRetry) {
    for (String challenge : challenges) {
      Optional<DigestFields> fields = DigestFields.parse(challenge);
      if (fields.isEmpty()) {
        continue;
      }
      Optional<DigestAlgorithm> algorithm = DigestAlgorithm.of(fields.get().get("algorithm"));
      Optional<String> qop = qop(fields.get().get("qop"));
      if (algorithm.isEmpty() || qop.isEmpty()) {
        continue;
      }
      if (isRetry && !fields.get().get("stale").equalsIgnoreCase("true")) {
        return Optional.empty();
      }
      return Optional.of(answer(fields.get(), algorithm.get(), qop.get(), method, uri));
    }
    return Optional.empty();
  }

  /** "auth", "" where none is offered, empty where only auth-int is. */
  private static Optional<String> qop(String offered) {
    if (offered.isEmpty()) {
      return Optional.of("");
    }
    return List.of(offered.toLowerCase(Locale.ROOT).split("\\s*,\\s*")).contains("auth")
        ? Optional.of("auth")
        : Optional.empty();
  }

  private String answer(
      DigestFields challenge, DigestAlgorithm algorithm, String qop, String method, String uri) {
    nonceCount = challenge.get("nonce").equals(nonce) ? nonceCount + 1 : 1;
    nonce = challenge.get("nonce");
    String realm = challenge.get("realm");
    String nc = String.format("%08x", nonceCount);
    String cnonce = qop.isEmpty() ? "" : cnonces.get();
    String response =
        algorithm.response(username, realm, password, method, uri, nonce, nc, cnonce, qop);
    StringBuilder header = new StringBuilder("Digest username=").append(quoted(username));
    header.append(", realm=").append(quoted(realm)).append(", nonce=").append(quoted(nonce));
    header.append(", uri=").append(quoted(uri)).append(", response=\"").append(response);
    header.append("\", algorithm=").append(algorithm.token());
    if (!challenge.get("opaque").isEmpty()) {
      header.append(", opaque=").append(quoted(challenge.get("opaque")));
    }
    if (!qop.isEmpty()) {
      header.append(", cnonce=\"").append(cnonce).append("\", qop=auth, nc=").append(nc);
    }
    return header.toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
