package org.linescribe.api.access;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;

/**
 * Where a request carries its key: {@code Authorization: Bearer}, {@code Token} (Deepgram's
 * clients) or {@code Basic} with the key as the password (jambonz, FreeSWITCH), {@code X-API-Key},
 * the query's {@code access_token} (browsers cannot give headers to a WebSocket or an EventSource),
 * a WebSocket's sub-protocol as the clients of Deepgram and OpenAI in a browser give it, or the
 * cookie that a browser got for it. The first of these counts.
 *
 * <p>Source: RFC 6750 §2, RFC 7617 §2.
 */
final class Credentials {
  static final String QUERY_PARAMETER = "access_token";
  static final String COOKIE = "linescribe_access";

  /** Where the key of an address waits for the filter. */
  private static final String QUERY_KEY_HEADER = "Linescribe-Key-Of-Address";

  private static final String API_KEY_HEADER = "X-API-Key";
  private static final List<String> SCHEMES = List.of("Bearer ", "Token ");
  private static final String BASIC = "Basic ";
  private static final String SUB_PROTOCOLS = "Sec-WebSocket-Protocol";
  private static final String OPENAI_KEY = "openai-insecure-api-key.";

  private Credentials() {}

  static Optional<String> of(ServerHttpRequest request) {
    HttpHeaders headers = request.getHeaders();
    String authorization = headers.getFirst(HttpHeaders.AUTHORIZATION);
    if (authorization != null) {
      for (String scheme : SCHEMES) {
        if (authorization.regionMatches(true, 0, scheme, 0, scheme.length())) {
          return Optional.of(authorization.substring(scheme.length()).strip());
        }
      }
      if (authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
        return Optional.of(password(authorization.substring(BASIC.length()).strip()));
      }
    }
    String apiKey = headers.getFirst(API_KEY_HEADER);
    if (apiKey != null) {
      return Optional.of(apiKey.strip());
    }
    return inQuery(request)
        .or(() -> inSubProtocols(headers))
        .or(
            () ->
                Optional.ofNullable(request.getCookies().getFirst(COOKIE))
                    .map(HttpCookie::getValue));
  }

  /** What is no base64, or has no password, is a key that nobody has. */
  private static String password(String basic) {
    try {
      String pair = new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8);
      return pair.substring(pair.indexOf(':') + 1);
    } catch (IllegalArgumentException notBase64) {
      return "";
    }
  }

  /** {@code token, KEY} or {@code realtime, openai-insecure-api-key.KEY}. */
  private static Optional<String> inSubProtocols(HttpHeaders headers) {
    List<String> offered =
        headers.getOrEmpty(SUB_PROTOCOLS).stream()
            .flatMap(line -> Arrays.stream(line.split(",")))
            .map(String::strip)
            .toList();
    Optional<String> openAi =
        offered.stream()
            .filter(name -> name.startsWith(OPENAI_KEY))
            .map(name -> name.substring(OPENAI_KEY.length()))
            .findFirst();
    boolean deepgram =
        offered.size() > 1
            && (offered.getFirst().equals("token") || offered.getFirst().equals("bearer"));
    return openAi.or(() -> deepgram ? Optional.of(offered.get(1)) : Optional.empty());
  }

  static Optional<String> inQuery(ServerHttpRequest request) {
    return Optional.ofNullable(request.getHeaders().getFirst(QUERY_KEY_HEADER));
  }

  /** The address without the key: what everything else sees, logs and repeats. */
  private static URI withoutKey(URI uri) {
    String query = uri.getRawQuery();
    if (query == null) {
      return uri;
    }
    String kept =
        Arrays.stream(query.split("&"))
            .filter(parameter -> !isKey(parameter))
            .collect(Collectors.joining("&"));
    String whole = uri.toString();
    String before = whole.substring(0, whole.indexOf('?'));
    return URI.create(kept.isEmpty() ? before : before + "?" + kept);
  }

  private static boolean isKey(String parameter) {
    String name = parameter.split("=", 2)[0];
    try {
      return URLDecoder.decode(name, StandardCharsets.UTF_8).equals(QUERY_PARAMETER);
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  /**
   * The request without a key in its address: it waits in a header, for the filter alone, be there
   * what a client has put there.
   */
  static ServerHttpRequest withoutKeyInAddress(ServerHttpRequest request) {
    String key = request.getQueryParams().getFirst(QUERY_PARAMETER);
    if (key == null && !request.getHeaders().containsHeader(QUERY_KEY_HEADER)) {
      return request;
    }
    return request
        .mutate()
        .uri(withoutKey(request.getURI()))
        .headers(
            headers -> {
              headers.remove(QUERY_KEY_HEADER);
              if (key != null) {
                headers.set(QUERY_KEY_HEADER, key);
              }
            })
        .build();
  }

  /** The exchange as the APIs get it. */
  static ServerWebExchange withoutKeyOfAddress(ServerWebExchange exchange) {
    if (inQuery(exchange.getRequest()).isEmpty()) {
      return exchange;
    }
    return exchange
        .mutate()
        .request(request -> request.headers(headers -> headers.remove(QUERY_KEY_HEADER)))
        .build();
  }
}
