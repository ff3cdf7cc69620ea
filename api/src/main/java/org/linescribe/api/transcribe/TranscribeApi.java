package org.linescribe.api.transcribe;

import io.micrometer.core.instrument.MeterRegistry;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.websocket.WebSocketRoute;
import org.linescribe.session.Sessions;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /ws/transcribe/{session_id}}. */
@ApiPackage
@EnableConfigurationProperties(TranscribeSettings.class)
class TranscribeApi {
  @Bean
  WebSocketRoute transcribeRoute(
      Sessions sessions,
      TranscribeSettings settings,
      BlockingCalls blockingCalls,
      JsonMapper json,
      MeterRegistry registry) {
    TranscribeClients clients =
        new TranscribeClients(
            sessions, settings, blockingCalls, json, new TranscribeMeters(registry));
    return new WebSocketRoute("/ws/transcribe/{session_id}", clients::connected);
  }
}
