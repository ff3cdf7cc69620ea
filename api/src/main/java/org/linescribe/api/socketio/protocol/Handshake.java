package org.linescribe.api.socketio.protocol;

import java.net.URI;
import java.security.Principal;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The request that opened a connection: what is kept of it.
 *
 * @param baseUrl {@code http://HOST}, as the client called us
 * @param parameters of its query; those of a later upgrade do not count
 * @param principal who made it, where the server knows
 */
record Handshake(
    String baseUrl, Function<String, Optional<String>> parameters, Optional<Principal> principal) {
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:\\[\\]-]{1,255}");

  static Handshake of(
      URI uri,
      Function<String, Optional<String>> header,
      Function<String, Optional<String>> parameters,
      Optional<Principal> principal,
      boolean trustForwarded) {
    String scheme = uri.getScheme() == null ? "http" : uri.getScheme().replace("ws", "http");
    String host = header.apply("Host").filter(Handshake::isHost).orElse(uri.getAuthority());
    if (trustForwarded) {
      scheme =
          forwarded(header, "X-Forwarded-Proto")
              .filter(word -> word.equals("http") || word.equals("https"))
              .orElse(scheme);
      host = forwarded(header, "X-Forwarded-Host").filter(Handshake::isHost).orElse(host);
    }
    return new Handshake(scheme + "://" + host, parameters, principal);
  }

  /** Of a list that several proxies wrote, the first is what the client asked for. */
  private static Optional<String> forwarded(
      Function<String, Optional<String>> header, String name) {
    return header.apply(name).map(list -> list.split(",", 2)[0].strip());
  }

  private static boolean isHost(String value) {
    return HOST.matcher(value).matches();
  }
}
