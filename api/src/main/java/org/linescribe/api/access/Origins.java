package org.linescribe.api.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Which web pages a browser may call from: ours, and those of the allowed origins. A client that is
 * no browser sends no {@code Origin} and is not asked.
 *
 * <p>Source: Fetch §3.3, RFC 6454, RFC 6455 §10.2.
 */
final class Origins {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private final Set<String> allowed;

  Origins(List<String> allowed) {
    this.allowed =
        allowed.stream()
            .map(origin -> origin.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether a page of another host makes the request. */
  boolean isForeign(ServerHttpRequest request) {
    String origin = request.getHeaders().getFirst(HttpHeaders.ORIGIN);
    return origin != null && !isOwn(origin, request.getHeaders().getFirst(HttpHeaders.HOST));
  }

  boolean allows(String origin) {
    return allowed.contains("*") || allowed.contains(origin.toLowerCase(Locale.ROOT));
  }

  /**
   * The scheme is not compared: a proxy that ends TLS leaves us with http for the page's https. The
   * host must then be handed on as it came.
   */
  private static boolean isOwn(String origin, @Nullable String host) {
    if (host == null) {
      return false;
    }
    try {
      URI page = new URI(origin);
      URI here = new URI(page.getScheme() + "://" + host);
      return page.getHost() != null
          && page.getHost().equalsIgnoreCase(here.getHost())
          && port(page) == port(here);
    } catch (URISyntaxException opaque) {
      return false;
    }
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? HTTPS_PORT : HTTP_PORT;
  }
}
