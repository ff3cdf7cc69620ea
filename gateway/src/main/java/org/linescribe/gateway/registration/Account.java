package org.linescribe.gateway.registration;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.digest.DigestClient;
import org.linescribe.gateway.sip.PeerUri;
import org.linescribe.gateway.trunk.Secrets;
import org.linescribe.settings.SettingsCheck;

/**
 * An extension at a registrar.
 *
 * @param registrar {@code sip:HOST[:PORT][;transport=…]}
 * @param user the extension
 * @param domain host of its address of record; the registrar's when absent
 * @param username of the digest; the user when absent
 * @param password of that user, or
 * @param passwordFile a file that holds it; both absent where the registrar asks for none
 * @param expires how long a registration shall last, 1 minute to a day
 */
public record Account(
    @Nullable String registrar,
    @Nullable String user,
    @Nullable String domain,
    @Nullable String username,
    @Nullable String password,
    @Nullable String passwordFile,
    @Nullable Duration expires) {
  private static final String KEY = "linescribe.registration.accounts";
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9._~+*!-]{1,64}");

  public Account {
    registrar = Objects.requireNonNullElse(registrar, "");
    Optional<String> host = PeerUri.host(registrar);
    SettingsCheck.require(
        host.isPresent(), KEY + ".registrar", "'" + registrar + "'", PeerUri.FORM);
    user = Objects.requireNonNullElse(user, "");
    SettingsCheck.require(
        USER.matcher(user).matches(),
        KEY + ".user",
        "'" + user + "'",
        "1 to 64 of A-Z a-z 0-9 . _ ~ + * ! -");
    domain = domain == null || domain.isBlank() ? host.get() : domain;
    username = username == null || username.isBlank() ? user : username;
    password = Objects.requireNonNullElse(password, "");
    passwordFile = Objects.requireNonNullElse(passwordFile, "");
    if (!password.isEmpty() || !passwordFile.isEmpty()) {
      password = Secrets.read(KEY + " of " + user, password, passwordFile);
      passwordFile = "";
    }
    expires = Objects.requireNonNullElse(expires, Duration.ofMinutes(10));
    SettingsCheck.require(
        expires.toSeconds() >= 60 && expires.toHours() <= 24,
        KEY + ".expires",
        expires,
        "1m to 24h");
  }

  boolean isAt(String host) {
    return host.equalsIgnoreCase(domain)
        || PeerUri.host(Objects.requireNonNull(registrar))
            .filter(host::equalsIgnoreCase)
            .isPresent();
  }

  /** Empty without a password. */
  Optional<DigestClient> digest() {
    String secret = Objects.requireNonNull(password);
    return secret.isEmpty()
        ? Optional.empty()
        : Optional.of(new DigestClient(Objects.requireNonNull(username), secret));
  }

  /** Without the password. */
  @Override
  public String toString() {
    return user + " at " + registrar;
  }
}
