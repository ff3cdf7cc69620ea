package org.linescribe.api;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.reactive.socket.server.support.WebSocketHandlerAdapter;
import org.springframework.web.reactive.socket.server.support.WebSocketUpgradeHandlerPredicate;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** What all doors stand on. A test of one door imports this class and that door's. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ApiSettings.class)
@Import(FfmpegConfiguration.class)
public class WebConfiguration {

  @Bean
  BlockingCalls blockingCalls() {
    return new BlockingCalls();
  }

  @Bean
  WebSocketDoors webSocketDoors(ApiSettings settings, MeterRegistry registry) {
    return new WebSocketDoors(settings, registry);
  }

  @Bean
  HandlerMapping webSocketMapping(WebSocketDoors doors, ObjectProvider<WebSocketRoute> routes) {
    Map<String, WebSocketHandler> handlers = new LinkedHashMap<>();
    routes.forEach(
        route -> {
          WebSocketHandler before =
              handlers.put(
                  route.pathPattern(), new WebSocketUpgrade.Handler(doors.new Opened(route)));
          if (before != null) {
            throw new IllegalStateException("two WebSocket doors at " + route.pathPattern());
          }
        });
    // Before the router functions: a path may answer both an upgrade and a plain request.
    SimpleUrlHandlerMapping mapping = new SimpleUrlHandlerMapping(handlers, -1);
    WebSocketUpgradeHandlerPredicate upgrade = new WebSocketUpgradeHandlerPredicate();
    mapping.setHandlerPredicate(
        (handler, exchange) ->
            !((WebSocketUpgrade.Handler) handler).opened().sharesPath()
                || upgrade.test(handler, exchange));
    return mapping;
  }

  @Bean
  WebSocketHandlerAdapter webSocketHandlerAdapter() {
    return new WebSocketHandlerAdapter(new HandshakeWebSocketService(new WebSocketUpgrade()));
  }

  @Bean
  NettyServerCustomizer keptConnections(ApiSettings settings) {
    return server ->
        server
            .idleTimeout(settings.idleConnection())
            .doOnChannelInit((_, channel, _) -> KeptConnection.readOn(channel));
  }

  @Bean
  ShutdownSignal shutdownSignal() {
    return new ShutdownSignal();
  }

  @Bean
  ProblemResponses problemResponses(JsonMapper json) {
    LostClient.expectLateFailures();
    return new ProblemResponses(json);
  }

  /** The documents' JSON is snake_case throughout. */
  @Bean
  JsonMapperBuilderCustomizer snakeCase() {
    return builder -> builder.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
  }
}
