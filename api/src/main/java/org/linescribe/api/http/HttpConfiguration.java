package org.linescribe.api.http;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.HandlerMapping;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Error bodies, JSON, connections and blocking calls of every API. */
@ApiPackage
@EnableConfigurationProperties(ApiSettings.class)
public class HttpConfiguration {

  @Bean
  BlockingCalls blockingCalls() {
    return new BlockingCalls();
  }

  @Bean
  NettyServerCustomizer keptConnections(ApiSettings settings) {
    return server ->
        server
            .idleTimeout(settings.idleConnection())
            .doOnChannelInit(
                (_, channel, _) -> {
                  KeptConnection.readOn(channel);
                  MalformedRequests.hideIn(channel);
                });
  }

  @Bean
  RouteMethods routeMethods(ObjectProvider<HandlerMapping> mappings) {
    return new RouteMethods(mappings);
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
