package org.linescribe.api.websocket;

import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.Caller;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.reactive.socket.HandshakeInfo;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketSession;
import org.springframework.web.reactive.socket.server.RequestUpgradeStrategy;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;

/**
 * Upgrades to a WebSocket without Spring's session in between: that one closes without reading what
 * is still on its way, so that the reason of a close is lost, and hides the channel, without which
 * a client that does not read cannot be told from one that does.
 */
final class WebSocketUpgrade implements RequestUpgradeStrategy {
  private static final String SUB_PROTOCOLS = "Sec-WebSocket-Protocol";

  /**
   * Reactor Netty serves no client that offers none of the sub-protocols that it was told, hence it
   * is told the one that was offered.
   */
  private static WebsocketServerSpec spec(
      WebSocketEndpoints.Opened opened, ServerHttpRequest request) {
    WebsocketServerSpec.Builder spec =
        WebsocketServerSpec.builder()
            .maxFramePayloadLength(Math.toIntExact(opened.maxMessage().toBytes()))
            .handlePing(true);
    request.getHeaders().getOrEmpty(SUB_PROTOCOLS).stream()
        .flatMap(line -> Arrays.stream(line.split(",")))
        .map(String::strip)
        .filter(opened.subProtocols()::contains)
        .findFirst()
        .ifPresent(spec::protocols);
    return spec.build();
  }

  /** A route as Spring's mapping knows it. */
  record Handler(WebSocketEndpoints.Opened opened) implements WebSocketHandler {
    @Override
    public Mono<Void> handle(WebSocketSession session) {
      throw new UnsupportedOperationException("served without Spring's session");
    }
  }

  @Override
  public Mono<Void> upgrade(
      ServerWebExchange exchange,
      WebSocketHandler handler,
      @Nullable String subProtocol,
      Supplier<HandshakeInfo> handshakeInfo) {
    ServerHttpResponse response = exchange.getResponse();
    HttpServerResponse netty = ServerHttpResponseDecorator.getNativeResponse(response);
    WebSocketEndpoints.Opened opened = ((Handler) handler).opened();
    ServerHttpRequest request = exchange.getRequest();
    WebsocketServerSpec spec = spec(opened, request);
    Caller caller = exchange.getAttribute(Caller.ATTRIBUTE);
    return response
        .setComplete()
        .then(
            Mono.defer(
                () -> netty.sendWebsocket((in, out) -> opened.serve(request, caller, in), spec)));
  }
}
