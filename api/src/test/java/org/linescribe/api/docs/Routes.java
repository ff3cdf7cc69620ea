package org.linescribe.api.docs;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** Collects "GET /path/{variable}" from router functions; refuses what it cannot read. */
public final class Routes implements RouterFunctions.Visitor {
  private final Set<String> found = new TreeSet<>();
  private String prefix = "";

  public static Set<String> of(Iterable<? extends RouterFunction<?>> functions) {
    Routes routes = new Routes();
    functions.forEach(function -> function.accept(routes));
    return routes.found;
  }

  @Override
  public void startNested(RequestPredicate predicate) {
    prefix += read(predicate).path;
  }

  @Override
  public void endNested(RequestPredicate predicate) {
    prefix = prefix.substring(0, prefix.length() - read(predicate).path.length());
  }

  @Override
  public void route(RequestPredicate predicate, HandlerFunction<?> handler) {
    Parts parts = read(predicate);
    for (HttpMethod method : parts.methods) {
      found.add(method + " " + prefix + parts.path);
    }
    if (parts.methods.isEmpty()) {
      throw new AssertionError("a route without a method: " + predicate);
    }
  }

  @Override
  public void resources(Function<ServerRequest, Mono<Resource>> lookup) {
    throw new AssertionError("a route to resources, which no document can list");
  }

  @Override
  public void attributes(Map<String, Object> attributes) {}

  @Override
  public void unknown(RouterFunction<?> function) {
    throw new AssertionError("unknown router function: " + function);
  }

  private static Parts read(RequestPredicate predicate) {
    Parts parts = new Parts();
    predicate.accept(parts);
    return parts;
  }

  /** A predicate's method and path. */
  private static final class Parts implements RequestPredicates.Visitor {
    private Set<HttpMethod> methods = Set.of();
    private String path = "";

    @Override
    public void method(Set<HttpMethod> given) {
      methods = given;
    }

    @Override
    public void path(String pattern) {
      path += pattern;
    }

    @Override
    public void startAnd() {}

    @Override
    public void and() {}

    @Override
    public void endAnd() {}

    @Override
    public void header(String name, String value) {}

    @Override
    public void queryParam(String name, String value) {}

    @Override
    @SuppressWarnings("removal")
    public void pathExtension(String extension) {
      refuse();
    }

    @Override
    public void version(String version) {
      refuse();
    }

    @Override
    public void startOr() {
      refuse();
    }

    @Override
    public void or() {}

    @Override
    public void endOr() {}

    @Override
    public void startNegate() {
      refuse();
    }

    @Override
    public void endNegate() {}

    @Override
    public void unknown(RequestPredicate predicate) {}

    private static void refuse() {
      throw new AssertionError("a predicate that this reader does not know; teach it");
    }
  }
}
