package org.linescribe.api.stt;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.HealthDetail;
import org.linescribe.api.http.Viewer;
import org.linescribe.api.websocket.WebSocketRoute;
import org.linescribe.asr.providers.Providers;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.Sessions;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /stt/stream}, {@code /stt/stream-chunk} and {@code /streaming/stats}. */
@ApiPackage
@EnableConfigurationProperties(SttSettings.class)
class SttApi {
  @Bean
  SttSessions sttSessions(MeterRegistry registry) {
    return new SttSessions(registry);
  }

  @Bean
  SttClients sttClients(
      Sessions sessions,
      Providers providers,
      SttSettings settings,
      SttSessions open,
      Ffmpeg ffmpeg,
      BlockingCalls blockingCalls,
      JsonMapper json) {
    Clock clock = Clock.systemUTC();
    return new SttClients(
        sessions,
        providers,
        settings,
        open,
        new SttMessages(json, clock),
        ffmpeg,
        blockingCalls,
        json,
        clock);
  }

  @Bean
  WebSocketRoute sttStreamRoute(SttClients clients) {
    return new WebSocketRoute("/stt/stream", clients::connected);
  }

  @Bean
  HeldSessions heldSessions(SttClients clients, SttSettings settings, MeterRegistry registry) {
    return new HeldSessions(
        clients, new PendingChunks(settings.maxChunksInHand().toBytes(), registry));
  }

  @Bean
  RouterFunction<ServerResponse> sttRoutes(
      SttSettings settings, SttSessions open, HeldSessions heldSessions) {
    return RouterFunctions.route()
        .POST("/stt/stream-chunk", heldSessions::chunk)
        .GET(
            "/streaming/stats",
            request ->
                ServerResponse.ok()
                    .bodyValue(
                        open.stats(settings, Viewer.of(request.attributes()), System.nanoTime())))
        .build();
  }

  @Bean
  HealthDetail providersHealth(Providers providers) {
    return new HealthDetail("providers", () -> ProviderReport.of(providers));
  }
}
