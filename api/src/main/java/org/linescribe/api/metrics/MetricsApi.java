package org.linescribe.api.metrics;

import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Opens {@code /metrics}: Prometheus text, or OpenMetrics where the scraper asks for it. */
@ApiPackage
class MetricsApi {
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  @Bean
  MeterFilter meterHelp() {
    return new MeterHelp();
  }

  @Bean
  RouterFunction<ServerResponse> metricsRoutes(
      ObjectProvider<PrometheusMeterRegistry> registry, BlockingCalls blockingCalls) {
    return RouterFunctions.route()
        .GET("/metrics", request -> scrape(request, registry, blockingCalls))
        .build();
  }

  private static Mono<ServerResponse> scrape(
      ServerRequest request,
      ObjectProvider<PrometheusMeterRegistry> registry,
      BlockingCalls blockingCalls) {
    PrometheusMeterRegistry from = registry.getIfAvailable();
    if (from == null) {
      throw RefusedRequestException.notFound("Metrics are not exported");
    }
    boolean openMetrics =
        request.headers().firstHeader(HttpHeaders.ACCEPT) instanceof String accept
            && accept.contains("application/openmetrics-text");
    String type = openMetrics ? OPEN_METRICS : PROMETHEUS;
    return blockingCalls
        .call(() -> from.scrape(type))
        .flatMap(
            text ->
                ServerResponse.ok().contentType(MediaType.parseMediaType(type)).bodyValue(text));
  }
}
