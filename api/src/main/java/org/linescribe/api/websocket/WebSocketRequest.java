package org.linescribe.api.websocket;

import java.net.URI;
import java.security.Principal;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.Caller;
import org.linescribe.api.http.Viewer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.MultiValueMap;

/** The request by which a client asked for a WebSocket, and who it is. Thread: any. */
public final class WebSocketRequest {
  private final Map<String, String> pathVariables;
  private final URI uri;
  private final HttpHeaders headers;
  private final MultiValueMap<String, String> queryParameters;
  private final @Nullable Caller caller;

  WebSocketRequest(
      Map<String, String> pathVariables, ServerHttpRequest request, @Nullable Caller caller) {
    this.pathVariables = pathVariables;
    // A copy: the request's own are views of buffers that end with the upgrade.
    this.uri = request.getURI();
    this.headers = HttpHeaders.copyOf(request.getHeaders());
    this.queryParameters = request.getQueryParams();
    this.caller = caller;
  }

  /** A variable of the route's path pattern, decoded. */
  public String pathVariable(String name) {
    String value = pathVariables.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "path variable: " + name + " (not in the route's pattern)");
    }
    return value;
  }

  /** The first query parameter of a name, decoded. */
  public Optional<String> queryParameter(String name) {
    return Optional.ofNullable(queryParameters.getFirst(name));
  }

  /** The first header of a name. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.getFirst(name));
  }

  /** With the scheme and host that the client used. */
  public URI uri() {
    return uri;
  }

  /** Who made it, where a key was asked for. */
  public Optional<Principal> principal() {
    return Optional.ofNullable(caller);
  }

  /** Whose sessions the client may see. */
  public Viewer viewer() {
    Caller known = caller;
    return known == null ? Viewer.ALL : Viewer.of(known);
  }

  /** Name of the API key that the client gave; empty where none is required. */
  public Optional<String> owner() {
    return principal().map(Principal::getName);
  }
}
