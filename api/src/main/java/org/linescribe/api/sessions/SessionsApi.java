package org.linescribe.api.sessions;

import io.micrometer.core.instrument.MeterRegistry;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.ApiSettings;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.ShutdownSignal;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.asr.providers.Providers;
import org.linescribe.session.Sessions;
import org.linescribe.session.erasure.FleetErasure;
import org.linescribe.session.fleet.Fleet;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /search}, {@code /sessions}, {@code /sessions/{session_id}} and what is below. */
@ApiPackage
class SessionsApi {
  @Bean
  RouterFunction<ServerResponse> sessionsRoutes(
      Sessions sessions,
      BlockingCalls blockingCalls,
      ApiSettings settings,
      ShutdownSignal shutdown,
      JsonMapper json,
      MeterRegistry registry,
      Providers providers,
      ObjectProvider<FleetErasure> erasure,
      ObjectProvider<Fleet> fleet) {
    LiveSessions live =
        new LiveSessions(sessions, fleet.getIfAvailable(() -> Fleet.alone(registry)), json);
    SessionPages pages = new SessionPages(sessions, live, blockingCalls);
    SessionEvents events =
        new SessionEvents(
            sessions,
            blockingCalls,
            new TranscriptJson(json),
            settings.keepAlive(),
            shutdown,
            registry);
    SessionSearch search =
        new SessionSearch(sessions, blockingCalls, pages, new SpokenLanguage(providers));
    SessionErasures erasures = new SessionErasures(erasure.getIfAvailable(), blockingCalls);
    return RouterFunctions.route()
        .GET("/search", search::search)
        .GET("/sessions", pages::list)
        .GET("/sessions/{session_id}", pages::find)
        .DELETE("/sessions/{session_id}", erasures::erase)
        .GET("/sessions/{session_id}/erasure", erasures::state)
        .GET("/sessions/{session_id}/segments", pages::segments)
        .GET("/sessions/{session_id}/events", events::stream)
        .build();
  }
}
