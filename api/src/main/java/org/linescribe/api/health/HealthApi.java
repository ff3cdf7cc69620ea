package org.linescribe.api.health;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.HealthDetail;
import org.linescribe.session.Sessions;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Opens {@code /health}. Live means that the process answers; ready, that a new source would be
 * admitted. A database or Redis that is down makes the gateway degraded, not unready: finals go to
 * the outbox and calls go on.
 */
@ApiPackage
class HealthApi {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);
  private static final String RETRY_AFTER_SECONDS = "5";

  @Bean
  RouterFunction<ServerResponse> healthRoutes(
      Sessions sessions, BlockingCalls blockingCalls, ObjectProvider<HealthDetail> details) {
    return RouterFunctions.route()
        .GET("/health", _ -> summary(sessions, blockingCalls, details))
        .GET("/health/live", HealthApi::live)
        .GET("/health/ready", _ -> ready(sessions, blockingCalls))
        .build();
  }

  private static Mono<ServerResponse> live(ServerRequest request) {
    return ServerResponse.ok().bodyValue(Map.of("status", "live"));
  }

  private static Mono<ServerResponse> ready(Sessions sessions, BlockingCalls blockingCalls) {
    return readiness(sessions, blockingCalls)
        .flatMap(
            readiness ->
                readiness.accepting()
                    ? ServerResponse.ok()
                        .bodyValue(Map.of("status", "ready", "reasons", reasons(readiness)))
                    : ServerResponse.status(HttpStatus.SERVICE_UNAVAILABLE)
                        .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
                        .bodyValue(
                            Map.of(
                                "status",
                                "not_ready",
                                "error",
                                "Not ready for new sessions",
                                "reasons",
                                reasons(readiness))));
  }

  private static Mono<ServerResponse> summary(
      Sessions sessions, BlockingCalls blockingCalls, ObjectProvider<HealthDetail> details) {
    return readiness(sessions, blockingCalls)
        .flatMap(
            readiness -> blockingCalls.call(() -> body(readiness, sessions.openSources(), details)))
        .flatMap(body -> ServerResponse.ok().bodyValue(body));
  }

  private static Map<String, Object> body(
      Sessions.Readiness readiness, int openSources, ObjectProvider<HealthDetail> details) {
    List<String> reasons = reasons(readiness);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put(
        "status", !readiness.accepting() ? "not_ready" : reasons.isEmpty() ? "ok" : "degraded");
    body.put("ready", readiness.accepting());
    body.put("reasons", reasons);
    body.put("store", readiness.storeReachable() ? "up" : "down");
    body.put("live_transcript", readiness.liveReachable() ? "up" : "down");
    body.put("outbox_segments", readiness.outboxSegments());
    body.put("open_sources", openSources);
    details.forEach(detail -> body.put(detail.name(), detail.state().get()));
    return body;
  }

  private static List<String> reasons(Sessions.Readiness readiness) {
    List<String> reasons = new ArrayList<>();
    if (!readiness.reason().isEmpty()) {
      reasons.add(readiness.reason());
    } else if (!readiness.accepting()) {
      reasons.add("new sources are not admitted");
    }
    if (!readiness.storeReachable()) {
      reasons.add("the segment store does not answer");
    }
    if (!readiness.liveReachable()) {
      reasons.add("the live transcript does not answer");
    }
    if (readiness.outboxSegments() > 0) {
      reasons.add(readiness.outboxSegments() + " segments wait in the outbox");
    }
    return reasons;
  }

  /** A store that hangs must not hang the probe. */
  private static Mono<Sessions.Readiness> readiness(
      Sessions sessions, BlockingCalls blockingCalls) {
    return blockingCalls
        .call(sessions::readiness)
        .timeout(ANSWER_WITHIN)
        .onErrorReturn(
            TimeoutException.class,
            new Sessions.Readiness(false, false, false, 0, "readiness took over 2 s"));
  }
}
