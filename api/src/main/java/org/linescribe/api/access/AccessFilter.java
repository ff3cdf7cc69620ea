package org.linescribe.api.access;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.Authenticator;
import org.linescribe.api.http.Caller;
import org.linescribe.api.http.DeferredAuthentication;
import org.linescribe.api.http.KeySummary;
import org.linescribe.api.http.LogGate;
import org.linescribe.api.http.LogText;
import org.linescribe.api.http.OpenPaths;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.websocket.WebSocketRoute;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * Lets a request through to its route, WebSocket upgrades included, or turns it away: 403 for a
 * page that may not call or a name that is not this host's, 401 without a known key, 429 beyond the
 * key's share.
 *
 * <p>Thread: event loops.
 *
 * <p>Source: RFC 6750 §3, Fetch §3.3 (CORS).
 */
final class AccessFilter implements WebFilter, Ordered, Authenticator {
  private static final Logger LOG = LoggerFactory.getLogger(AccessFilter.class);

  /** What probes ask, which have no key. */
  private static final Set<String> ALWAYS_OPEN = Set.of("/health/live", "/health/ready");

  private static final String METRICS = "/metrics";
  private static final String NO_KEY = "none";
  private static final Duration BUSY_RETRY_AFTER = Duration.ofSeconds(1);
  private static final Duration KEYS_RETRY_AFTER = Duration.ofSeconds(5);
  private static final Duration PREFLIGHT_KEPT = Duration.ofMinutes(10);

  private final boolean required;
  private final boolean openMetrics;
  private final KeyRing keys;
  private final Hosts hosts;
  private final Origins origins;
  private final ObjectProvider<WebSocketRoute> routes;
  private final ObjectProvider<DeferredAuthentication> deferrals;
  private final List<OpenPaths> openPaths;
  private final LongSupplier clockNs;
  private final Counter withoutKey;
  private final Counter unknownKey;
  private final Counter foreignOrigin;
  private final Counter foreignHost;
  private volatile @Nullable List<PathPattern> socketPaths;
  private volatile @Nullable List<PathPattern> deferred;
  private final LogGate foreignLog = new LogGate(Duration.ofHours(1));
  private final LogGate unknownKeyLog = new LogGate(Duration.ofSeconds(10));

  /**
   * @param openPaths what nobody needs a key for, beside the probes
   * @param routes where a WebSocket may be asked for; read when the first request comes
   * @param deferrals which paths ask for a key in a message; read when the first request comes
   */
  AccessFilter(
      boolean required,
      Hosts hosts,
      AccessSettings settings,
      Origins origins,
      ObjectProvider<WebSocketRoute> routes,
      ObjectProvider<DeferredAuthentication> deferrals,
      List<OpenPaths> openPaths,
      MeterRegistry registry,
      LongSupplier clockNs) {
    this.required = required;
    this.hosts = hosts;
    this.routes = routes;
    this.deferrals = deferrals;
    this.openPaths = List.copyOf(openPaths);
    this.openMetrics = settings.openMetrics();
    this.keys = new KeyRing(settings, registry, clockNs);
    this.origins = origins;
    this.clockNs = clockNs;
    this.withoutKey = KeyHolder.refused(registry, NO_KEY, "no-key");
    this.unknownKey = KeyHolder.refused(registry, NO_KEY, "unknown-key");
    this.foreignOrigin = KeyHolder.refused(registry, NO_KEY, "origin");
    this.foreignHost = KeyHolder.refused(registry, NO_KEY, "host");
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    ServerHttpRequest request = exchange.getRequest();
    String path = request.getPath().pathWithinApplication().value();
    if (!ALWAYS_OPEN.contains(path)
        && !hosts.allow(request.getHeaders().getFirst(HttpHeaders.HOST))) {
      foreignHost.increment();
      return refuse(
          HttpStatus.FORBIDDEN,
          "Host not allowed: expected localhost, a loopback address, or a name that is in"
              + " linescribe.access.hosts",
          Map.of());
    }
    Optional<String> foreign = origins.foreign(request);
    if (foreign.isPresent()) {
      if (!origins.allows(foreign.get())) {
        return refuseOrigin(request, foreign.get());
      }
      permit(exchange.getResponse(), foreign.get());
      if (isPreflight(request)) {
        return answerPreflight(exchange);
      }
    }
    if (!required || isOpen(path) && !isNavigation(request)) {
      return chain.filter(Credentials.withoutKeyOfAddress(exchange));
    }
    Optional<String> key = Credentials.of(request);
    if (key.isEmpty() && isDeferred(request)) {
      return chain.filter(exchange);
    }
    if (key.isEmpty()) {
      withoutKey.increment();
      return challenge(
          exchange,
          "Bearer realm=\"linescribe\"",
          "A key is required: Authorization: Bearer, X-API-Key or ?access_token=");
    }
    return keys.find(key.get())
        .map(holder -> admit(holder, exchange, chain))
        .orElseGet(() -> refuseUnknown(exchange));
  }

  private Mono<Void> refuseOrigin(ServerHttpRequest request, String origin) {
    foreignOrigin.increment();
    foreignLog.log(
        heldBack ->
            LOG.warn(
                "A page of {} was refused at {}; where it may call, add it to"
                    + " linescribe.access.allowed-origins ({} more not logged)",
                LogText.of(origin),
                LogText.of(request.getPath().value()),
                heldBack));
    return refuse(
        HttpStatus.FORBIDDEN,
        "Origin not allowed: expected a page of this host, or of an origin that is in"
            + " linescribe.access.allowed-origins",
        Map.of());
  }

  private boolean isDeferred(ServerHttpRequest request) {
    List<PathPattern> known = deferred;
    if (known == null) {
      known =
          deferrals.stream()
              .flatMap(deferral -> deferral.paths().stream())
              .map(PathPatternParser.defaultInstance::parse)
              .toList();
      deferred = known;
    }
    return known.stream()
        .anyMatch(pattern -> pattern.matches(request.getPath().pathWithinApplication()));
  }

  @Override
  public boolean isRequired() {
    return required;
  }

  @Override
  public Caller authenticate(String key) {
    if (key.isEmpty()) {
      withoutKey.increment();
      throw new RefusedRequestException(HttpStatus.UNAUTHORIZED, "A key is required");
    }
    KeyHolder holder =
        keys.find(key)
            .orElseThrow(
                () -> {
                  if (!keys.isComplete()) {
                    return keysAway();
                  }
                  unknownKey.increment();
                  return new RefusedRequestException(HttpStatus.UNAUTHORIZED, "Unknown key");
                });
    long waitNs = holder.takeOrWaitNs(clockNs.getAsLong());
    if (waitNs > 0) {
      throw tooMany("requests-per-second", Duration.ofNanos(waitNs).plusMillis(999));
    }
    if (!holder.may(Scope.SEND)) {
      throw outOfScope(Scope.SEND);
    }
    return holder;
  }

  @Override
  public List<KeySummary> keys() {
    return keys.summaries();
  }

  private boolean isOpen(String path) {
    return ALWAYS_OPEN.contains(path)
        || openMetrics && path.equals(METRICS)
        || openPaths.stream().anyMatch(open -> open.contains(path));
  }

  /** It may be a good key that the database holds: not the same as an unknown one. */
  private static RefusedRequestException keysAway() {
    return RefusedRequestException.unavailable("Keys cannot be read now", KEYS_RETRY_AFTER);
  }

  KeyRing ring() {
    return keys;
  }

  private Mono<Void> refuseUnknown(ServerWebExchange exchange) {
    if (!keys.isComplete()) {
      return Mono.error(keysAway());
    }
    unknownKey.increment();
    unknownKeyLog.log(
        heldBack ->
            LOG.warn(
                "A key that is not configured came from {} ({} more not logged)",
                exchange.getRequest().getRemoteAddress(),
                heldBack));
    return challenge(
        exchange, "Bearer realm=\"linescribe\", error=\"invalid_token\"", "Unknown key");
  }

  private Mono<Void> admit(KeyHolder holder, ServerWebExchange exchange, WebFilterChain chain) {
    long waitNs = holder.takeOrWaitNs(clockNs.getAsLong());
    if (waitNs > 0) {
      return Mono.error(tooMany("requests-per-second", Duration.ofNanos(waitNs).plusMillis(999)));
    }
    ServerHttpRequest request = exchange.getRequest();
    Scope scope = Scope.of(request.getMethod(), pathAsRoutesMatchIt(request), isForSocket(request));
    if (!holder.may(scope)) {
      return Mono.error(outOfScope(scope));
    }
    if (isNavigation(request)) {
      return signIn(exchange);
    }
    exchange.getAttributes().put(Caller.ATTRIBUTE, holder);
    ServerWebExchange clean =
        Credentials.withoutKeyOfAddress(exchange).mutate().principal(Mono.just(holder)).build();
    if (isForSocket(request)) {
      // The endpoint takes the permit: it knows when the socket is gone, and can close with 1013.
      return chain.filter(clean);
    }
    if (!holder.enter()) {
      return Mono.error(tooMany("max-open", BUSY_RETRY_AFTER));
    }
    return chain.filter(clean).doFinally(_ -> holder.leave());
  }

  /** Decoded and without parameters: {@code /%6Beys} and {@code /keys;a=b} are {@code /keys}. */
  private static String pathAsRoutesMatchIt(ServerHttpRequest request) {
    return request.getPath().pathWithinApplication().elements().stream()
        .map(
            element ->
                element instanceof PathContainer.PathSegment segment
                    ? segment.valueToMatch()
                    : element.value())
        .collect(Collectors.joining());
  }

  private static RefusedRequestException outOfScope(Scope scope) {
    String name = scope.name().toLowerCase(Locale.ROOT);
    return new RefusedRequestException(
        HttpStatus.FORBIDDEN, "The key lacks the scope " + name, Map.of("scope", name));
  }

  private static RefusedRequestException tooMany(String limit, Duration retryAfter) {
    return RefusedRequestException.tooManyRequests(
        "Too many requests", Map.of("limit", "linescribe.access." + limit), retryAfter);
  }

  /** A browser was given an address with the key in it, to read a page. */
  private static boolean isNavigation(ServerHttpRequest request) {
    return request.getMethod() == HttpMethod.GET
        && Credentials.inQuery(request).isPresent()
        && request.getHeaders().getAccept().contains(MediaType.TEXT_HTML);
  }

  /**
   * The page comes again without the key in its address, which the browser would keep and show.
   * What the page loads brings the cookie; pages of other sites cannot make the browser send it.
   */
  private static Mono<Void> signIn(ServerWebExchange exchange) {
    ServerHttpRequest request = exchange.getRequest();
    ServerHttpResponse response = exchange.getResponse();
    boolean secure =
        "https".equals(request.getURI().getScheme())
            || "https".equals(request.getHeaders().getFirst("X-Forwarded-Proto"));
    response.addCookie(
        ResponseCookie.from(Credentials.COOKIE, Credentials.inQuery(request).orElseThrow())
            .httpOnly(true)
            .sameSite("Strict")
            .secure(secure)
            .path("/")
            .build());
    String query = request.getURI().getRawQuery();
    // More than one slash at its begin, and it would be another host's address.
    String path = "/" + request.getURI().getRawPath().replaceFirst("^/+", "");
    response.getHeaders().setLocation(URI.create(path + (query == null ? "" : "?" + query)));
    response.getHeaders().setCacheControl("no-store");
    response.setStatusCode(HttpStatus.SEE_OTHER);
    return response.setComplete();
  }

  /** The header alone says little: any request may have it, and be answered without an upgrade. */
  private boolean isForSocket(ServerHttpRequest request) {
    return request.getMethod() == HttpMethod.GET
        && "websocket".equalsIgnoreCase(request.getHeaders().getUpgrade())
        && socketPaths().stream()
            .anyMatch(path -> path.matches(request.getPath().pathWithinApplication()));
  }

  private List<PathPattern> socketPaths() {
    List<PathPattern> known = socketPaths;
    if (known == null) {
      known =
          routes.stream()
              .map(route -> PathPatternParser.defaultInstance.parse(route.pathPattern()))
              .toList();
      socketPaths = known;
    }
    return known;
  }

  private static boolean isPreflight(ServerHttpRequest request) {
    return request.getMethod() == HttpMethod.OPTIONS
        && request.getHeaders().getAccessControlRequestMethod() != null;
  }

  private static void permit(ServerHttpResponse response, String origin) {
    HttpHeaders headers = response.getHeaders();
    headers.setAccessControlAllowOrigin(origin);
    headers.setVary(List.of(HttpHeaders.ORIGIN));
    headers.setAccessControlExposeHeaders(
        List.of(HttpHeaders.RETRY_AFTER, HttpHeaders.WWW_AUTHENTICATE, HttpHeaders.CONTENT_RANGE));
  }

  private static Mono<Void> answerPreflight(ServerWebExchange exchange) {
    HttpHeaders asked = exchange.getRequest().getHeaders();
    HttpHeaders headers = exchange.getResponse().getHeaders();
    headers.setAccessControlAllowMethods(
        List.of(
            HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST, HttpMethod.PUT, HttpMethod.DELETE));
    headers.setAccessControlAllowHeaders(asked.getAccessControlRequestHeaders());
    headers.setAccessControlMaxAge(PREFLIGHT_KEPT);
    exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
    return exchange.getResponse().setComplete();
  }

  private static Mono<Void> challenge(
      ServerWebExchange exchange, String authenticate, String error) {
    exchange.getResponse().getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, authenticate);
    return refuse(HttpStatus.UNAUTHORIZED, error, Map.of());
  }

  private static Mono<Void> refuse(HttpStatus status, String error, Map<String, Object> details) {
    return Mono.error(new RefusedRequestException(status, error, details));
  }
}
