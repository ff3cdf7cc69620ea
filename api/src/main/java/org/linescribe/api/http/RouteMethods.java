package org.linescribe.api.http;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebExchangeDecorator;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What a route owes besides its own method, which Spring's functional routes leave at 404: HEAD
 * wherever there is GET, OPTIONS everywhere, and 405 with {@code Allow} for any other method.
 *
 * <p>Source: RFC 9110 §9.3.2, §9.3.7, §15.5.6.
 */
record RouteMethods(ObjectProvider<HandlerMapping> mappings) implements WebFilter {
  private static final List<HttpMethod> METHODS =
      List.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE);

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return chain
        .filter(exchange)
        .onErrorResume(
            ResponseStatusException.class,
            failure ->
                failure.getStatusCode() == HttpStatus.NOT_FOUND
                    ? withoutRoute(exchange, chain, failure)
                    : Mono.error(failure));
  }

  private Mono<Void> withoutRoute(
      ServerWebExchange exchange, WebFilterChain chain, ResponseStatusException failure) {
    HttpMethod method = exchange.getRequest().getMethod();
    return allowed(exchange)
        .flatMap(
            allowed -> {
              if (allowed.isEmpty()) {
                return Mono.error(failure);
              }
              if (method == HttpMethod.HEAD && allowed.contains(HttpMethod.HEAD)) {
                return chain.filter(as(exchange, HttpMethod.GET));
              }
              if (method == HttpMethod.OPTIONS) {
                exchange.getResponse().getHeaders().setAllow(allowed);
                exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
                return exchange.getResponse().setComplete();
              }
              return Mono.error(new MethodNotAllowedException(method, allowed));
            });
  }

  private Mono<Set<HttpMethod>> allowed(ServerWebExchange exchange) {
    return Flux.fromIterable(METHODS)
        .filterWhen(method -> isRouted(new Probe(as(exchange, method))))
        .collect(
            LinkedHashSet<HttpMethod>::new,
            (allowed, method) -> {
              allowed.add(method);
              if (method == HttpMethod.GET) {
                allowed.add(HttpMethod.HEAD);
              }
            })
        .map(
            allowed -> {
              if (!allowed.isEmpty()) {
                allowed.add(HttpMethod.OPTIONS);
              }
              return allowed;
            });
  }

  /** Spring's own mapping of static resources, which has any path, comes after those of routes. */
  private Mono<Boolean> isRouted(ServerWebExchange exchange) {
    return Flux.fromStream(mappings.orderedStream())
        .filter(mapping -> mapping instanceof Ordered ordered && ordered.getOrder() < 0)
        .concatMap(mapping -> mapping.getHandler(exchange))
        .hasElements();
  }

  private static ServerWebExchange as(ServerWebExchange exchange, HttpMethod method) {
    return exchange.mutate().request(request -> request.method(method)).build();
  }

  /** Keeps the attributes of a match, such as the path's variables, from the real handling. */
  private static final class Probe extends ServerWebExchangeDecorator {
    private final Map<String, Object> attributes;

    Probe(ServerWebExchange exchange) {
      super(exchange);
      this.attributes = new HashMap<>(exchange.getAttributes());
    }

    @Override
    public Map<String, Object> getAttributes() {
      return attributes;
    }
  }
}
