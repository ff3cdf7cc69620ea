package org.linescribe.api.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Which web pages a browser may call from: ours, those of the allowed origins, and, while this
 * gateway can be reached from its own machine only, those of that machine: of a loopback origin, or
 * of a file, which browsers call {@code null}. A client that is no browser sends no {@code Origin}
 * and is not asked.
 *
 * <p>Source: Fetch §3.3, Fetch Metadata §2.4, RFC 6454, RFC 6455 §10.2.
 */
final class Origins {
  /** The origin of a page that has none: of a file, or in a sandbox. */
  private static final String NULL = "null";

  /** Stands for the unnamed origin of a request that a page of another site caused. */
  private static final String CROSS_SITE = "another site";

  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private final Set<String> allowed;
  private final boolean loopback;

  /**
   * @param loopback whether the gateway listens on a loopback address only
   */
  Origins(List<String> allowed, boolean loopback) {
    this.allowed =
        allowed.stream()
            .map(origin -> origin.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    this.loopback = loopback;
  }

  /**
   * The origin of a page of another host that makes the request. A browser names none for a GET
   * that an image or a script tag causes, but says that it is cross-site; a person who follows a
   * link is no such thing.
   */
  Optional<String> foreign(ServerHttpRequest request) {
    HttpHeaders headers = request.getHeaders();
    String origin = headers.getFirst(HttpHeaders.ORIGIN);
    if (origin == null) {
      boolean crossSite = "cross-site".equals(headers.getFirst("Sec-Fetch-Site"));
      boolean followsLink =
          "navigate".equals(headers.getFirst("Sec-Fetch-Mode"))
              && "document".equals(headers.getFirst("Sec-Fetch-Dest"))
              && headers.getAccept().contains(MediaType.TEXT_HTML)
              && !request.getPath().value().startsWith("/socket.io");
      return crossSite && !followsLink ? Optional.of(CROSS_SITE) : Optional.empty();
    }
    return isOwn(origin, headers.getFirst(HttpHeaders.HOST))
        ? Optional.empty()
        : Optional.of(origin);
  }

  boolean allows(String origin) {
    return allowed.contains("*")
        || allowed.contains(origin.toLowerCase(Locale.ROOT))
        || loopback && (origin.equals(NULL) || isLoopback(origin));
  }

  private static boolean isLoopback(String origin) {
    try {
      String host = new URI(origin).getHost();
      return host != null && Hosts.isThisMachine(host.toLowerCase(Locale.ROOT));
    } catch (URISyntaxException opaque) {
      return false;
    }
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
