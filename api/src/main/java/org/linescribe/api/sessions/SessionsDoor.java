package org.linescribe.api.sessions;

import io.micrometer.core.instrument.MeterRegistry;
import org.linescribe.api.ApiSettings;
import org.linescribe.api.BlockingCalls;
import org.linescribe.api.Door;
import org.linescribe.api.ShutdownSignal;
import org.linescribe.api.TranscriptJson;
import org.linescribe.session.Sessions;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /sessions}, {@code /sessions/{session_id}} and what is below. */
@Door
class SessionsDoor {
  @Bean
  RouterFunction<ServerResponse> sessionsRoutes(
      Sessions sessions,
      BlockingCalls blockingCalls,
      ApiSettings settings,
      ShutdownSignal shutdown,
      JsonMapper json,
      MeterRegistry registry) {
    SessionPages pages = new SessionPages(sessions, blockingCalls);
    SessionEvents events =
        new SessionEvents(
            sessions,
            blockingCalls,
            new TranscriptJson(json),
            settings.keepAlive(),
            shutdown,
            registry);
    return RouterFunctions.route()
        .GET("/sessions", pages::list)
        .GET("/sessions/{session_id}", pages::find)
        .GET("/sessions/{session_id}/segments", pages::segments)
        .GET("/sessions/{session_id}/events", events::stream)
        .build();
  }
}
