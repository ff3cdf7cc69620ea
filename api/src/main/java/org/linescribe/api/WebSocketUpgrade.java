package org.linescribe.api;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.util.unit.DataSize;
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
  private static WebsocketServerSpec spec(DataSize maxMessage) {
    return WebsocketServerSpec.builder()
        .maxFramePayloadLength(Math.toIntExact(maxMessage.toBytes()))
        .handlePing(true)
        .build();
  }

  /** A route as Spring's mapping knows it. */
  record Handler(WebSocketDoors.Opened opened) implements WebSocketHandler {
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
    WebSocketDoors.Opened opened = ((Handler) handler).opened();
    WebsocketServerSpec spec = spec(opened.maxMessage());
    ServerHttpRequest request = exchange.getRequest();
    Caller caller = exchange.getAttribute(Caller.ATTRIBUTE);
    return response
        .setComplete()
        .then(
            Mono.defer(
                () -> netty.sendWebsocket((in, out) -> opened.serve(request, caller, in), spec)));
  }
}
