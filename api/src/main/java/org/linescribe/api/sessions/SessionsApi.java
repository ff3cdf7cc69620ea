package org.linescribe.api.sessions;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.ApiSettings;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.ShutdownSignal;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.asr.providers.Providers;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.Sessions;
import org.linescribe.session.erasure.SessionErasure;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
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
      ObjectProvider<SessionErasure> erasure) {
    SessionPages pages = new SessionPages(sessions, blockingCalls);
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
    return RouterFunctions.route()
        .GET("/search", search::search)
        .GET("/sessions", pages::list)
        .GET("/sessions/{session_id}", pages::find)
        .DELETE("/sessions/{session_id}", r -> erase(r, erasure.getIfAvailable(), blockingCalls))
        .GET("/sessions/{session_id}/segments", pages::segments)
        .GET("/sessions/{session_id}/events", events::stream)
        .build();
  }

  /** What was deleted. */
  record ErasedBody(String sessionId, long segments, int recordings) {}

  private static Mono<ServerResponse> erase(
      ServerRequest request, @Nullable SessionErasure erasure, BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    boolean unended = Requests.flag(request, "unended", false);
    return blockingCalls
        .call(
            () -> {
              try {
                if (erasure == null) {
                  throw RefusedRequestException.sessionNotFound(id);
                }
                return erasure
                    .erase(id, unended)
                    .orElseThrow(() -> RefusedRequestException.sessionNotFound(id));
              } catch (SessionOpenException open) {
                throw new RefusedRequestException(
                    HttpStatus.CONFLICT,
                    String.valueOf(open.getMessage()),
                    Map.of("session_id", id.value()));
              }
            })
        .flatMap(
            erased ->
                ServerResponse.ok()
                    .bodyValue(new ErasedBody(id.value(), erased.segments(), erased.recordings())));
  }
}
