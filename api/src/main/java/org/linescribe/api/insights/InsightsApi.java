package org.linescribe.api.insights;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.linescribe.api.analysis.AnalysisSteps;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.Viewer;
import org.linescribe.insights.Insights;
import org.linescribe.insights.configuration.InsightsConfiguration;
import org.linescribe.session.InsightsRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallLog;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /sessions/{session_id}/insights}, and derives them when a call ends. */
@ApiPackage
@Import(InsightsConfiguration.class)
class InsightsApi {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  @Bean
  SessionInsights sessionInsights(
      Sessions sessions,
      Insights insights,
      JsonMapper json,
      MeterRegistry meters,
      ObjectProvider<CallLog> calls) {
    SessionInsights derived =
        new SessionInsights(
            sessions,
            new SessionAnalysis(sessions, insights, json),
            json,
            meters,
            Clock.systemUTC());
    calls.ifAvailable(log -> log.onKeep(call -> derived.submit(call.sessionId())));
    return derived;
  }

  @Bean
  RouterFunction<ServerResponse> sessionInsightsRoutes(
      SessionInsights insights, Sessions sessions, BlockingCalls blockingCalls) {
    return RouterFunctions.route()
        .GET(
            "/sessions/{session_id}/insights",
            request -> find(request, insights, sessions, blockingCalls))
        .build();
  }

  private static Mono<ServerResponse> find(
      ServerRequest request,
      SessionInsights insights,
      Sessions sessions,
      BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    Viewer viewer = Viewer.of(request.attributes());
    return blockingCalls
        .call(() -> find(id, viewer, insights, sessions))
        .flatMap(
            found ->
                found.isPresent()
                    ? ServerResponse.ok().bodyValue(found.get())
                    : ServerResponse.accepted()
                        .header(HttpHeaders.RETRY_AFTER, String.valueOf(RETRY_AFTER.toSeconds()))
                        .bodyValue(Map.of("session_id", id.value(), "status", "pending")));
  }

  /** Empty where they are still to come. */
  private static Optional<JsonNode> find(
      SessionId id, Viewer viewer, SessionInsights insights, Sessions sessions) {
    SessionRecord session =
        sessions
            .find(id)
            .filter(found -> viewer.sees(found.owner()))
            .orElseThrow(() -> RefusedRequestException.sessionNotFound(id));
    if (InsightsRequest.of(session.attributes()).isEmpty()) {
      throw RefusedRequestException.notFound(
          "No routing rule asked for insights of this session", id);
    }
    Optional<JsonNode> kept = insights.of(session);
    boolean whole = kept.isPresent() && !AnalysisSteps.hasFailed(kept.get());
    boolean refused = !whole && SessionInsights.isDue(session) && !insights.submit(id);
    if (kept.isEmpty() && refused) {
      throw RefusedRequestException.unavailable(
          "Too many sessions wait for their insights", RETRY_AFTER);
    }
    return kept;
  }
}
