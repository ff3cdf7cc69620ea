package org.linescribe.api.websocket;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.ApiSettings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.reactive.socket.server.support.WebSocketHandlerAdapter;
import org.springframework.web.reactive.socket.server.support.WebSocketUpgradeHandlerPredicate;

/** Serves every {@link WebSocketRoute} bean. */
@ApiPackage
public class WebSocketConfiguration {
  @Bean
  WebSocketEndpoints webSocketEndpoints(ApiSettings settings, MeterRegistry registry) {
    return new WebSocketEndpoints(settings, registry);
  }

  @Bean
  HandlerMapping webSocketMapping(
      WebSocketEndpoints endpoints, ObjectProvider<WebSocketRoute> routes) {
    Map<String, WebSocketHandler> handlers = new LinkedHashMap<>();
    routes.forEach(
        route -> {
          WebSocketHandler before =
              handlers.put(
                  route.pathPattern(), new WebSocketUpgrade.Handler(endpoints.new Opened(route)));
          if (before != null) {
            throw new IllegalStateException("two WebSocket endpoints at " + route.pathPattern());
          }
        });
    // Before the router functions: a path may answer both an upgrade and a plain request.
    SimpleUrlHandlerMapping mapping = new SimpleUrlHandlerMapping(handlers, -1);
    WebSocketUpgradeHandlerPredicate upgrade = new WebSocketUpgradeHandlerPredicate();
    mapping.setHandlerPredicate(
        (handler, exchange) ->
            exchange.getRequest().getMethod() == HttpMethod.GET
                && (!((WebSocketUpgrade.Handler) handler).opened().sharesPath()
                    || upgrade.test(handler, exchange)));
    return mapping;
  }

  @Bean
  WebSocketHandlerAdapter webSocketHandlerAdapter() {
    return new WebSocketHandlerAdapter(new HandshakeWebSocketService(new WebSocketUpgrade()));
  }
}
