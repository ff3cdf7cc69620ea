package org.linescribe.api.calls;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.linescribe.api.callrecord.CallJson.CallBody;
import org.linescribe.api.calls.CallBodies.CallRecordsBody;
import org.linescribe.api.calls.CallBodies.CallsBody;
import org.linescribe.api.calls.CallBodies.FleetCallsBody;
import org.linescribe.api.calls.FleetCalls.Order;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.fleet.Fleet;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Opens {@code /calls} and {@code /call-records}. A call is named by its session's id. */
@ApiPackage
class CallsApi {
  private static final int MAX_LIMIT = 1000;
  private static final int DEFAULT_LIMIT = 50;

  /** By the end of their paths. */
  private static final Map<String, Order> ORDERS =
      Map.of(
          "hangup", Order.HANG_UP,
          "pause", Order.PAUSE,
          "resume", Order.RESUME,
          "recording/start", Order.START_RECORDING,
          "recording/pause", Order.PAUSE_RECORDING,
          "recording/stop", Order.STOP_RECORDING);

  @Bean
  RouterFunction<ServerResponse> callsRoutes(
      ObjectProvider<CallControl> line,
      ObjectProvider<CallLog> log,
      Sessions sessions,
      ObjectProvider<Clock> clock,
      ObjectProvider<Fleet> fleet,
      MeterRegistry registry,
      JsonMapper json,
      BlockingCalls blockingCalls) {
    FleetCalls calls =
        new FleetCalls(
            () -> line.getIfAvailable(() -> CallControl.NONE),
            new CallMarks(sessions, clock.getIfAvailable(Clock::systemUTC)),
            fleet.getIfAvailable(() -> Fleet.alone(registry)),
            json);
    RouterFunctions.Builder routes =
        RouterFunctions.route()
            .GET("/calls", r -> open(r, calls, blockingCalls))
            .GET("/calls/{session_id}", r -> find(r, calls, records(log), blockingCalls))
            .POST("/calls/{session_id}/mark", r -> mark(r, calls, blockingCalls))
            .GET("/call-records", r -> list(r, records(log), blockingCalls));
    ORDERS.forEach(
        (path, order) ->
            routes.POST("/calls/{session_id}/" + path, r -> order(r, order, calls, blockingCalls)));
    return routes.build();
  }

  private static CallLog records(ObjectProvider<CallLog> log) {
    return log.getIfAvailable(() -> CallLog.NONE);
  }

  private static Mono<ServerResponse> open(
      ServerRequest request, FleetCalls calls, BlockingCalls blockingCalls) {
    boolean everywhere = Requests.flag(request, "all_nodes", false);
    return blockingCalls.answer(
        () ->
            everywhere
                ? new FleetCallsBody(calls.openEverywhere())
                : new CallsBody(calls.openHere()));
  }

  /** The call that goes on, else the newest that the session had. */
  private static Mono<ServerResponse> find(
      ServerRequest request, FleetCalls calls, CallLog log, BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    return blockingCalls.answer(() -> find(id, calls, log));
  }

  private static Object find(SessionId id, FleetCalls calls, CallLog log)
      throws InterruptedException {
    Optional<ObjectNode> open = calls.find(id);
    return open.isPresent()
        ? open.get()
        : log.newest(id).map(call -> CallBody.of(call, true)).orElseThrow(() -> notFound(id));
  }

  private static Mono<ServerResponse> order(
      ServerRequest request, Order order, FleetCalls calls, BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    return blockingCalls
        .call(() -> calls.order(id, order, ""))
        .flatMap(_ -> ServerResponse.accepted().build());
  }

  private static Mono<ServerResponse> mark(
      ServerRequest request, FleetCalls calls, BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    return request
        .bodyToMono(CallMarks.Asked.class)
        .defaultIfEmpty(new CallMarks.Asked(""))
        .flatMap(
            asked ->
                blockingCalls.call(
                    () -> calls.order(id, Order.MARK, asked.checked()).orElseThrow()))
        .flatMap(mark -> ServerResponse.status(HttpStatus.CREATED).bodyValue(mark));
  }

  static RefusedRequestException notFound(SessionId id) {
    return RefusedRequestException.notFound("Call not found", id);
  }

  private static Mono<ServerResponse> list(
      ServerRequest request, CallLog log, BlockingCalls blockingCalls) {
    int limit = Math.toIntExact(Requests.number(request, "limit", 1, MAX_LIMIT, DEFAULT_LIMIT));
    Optional<Instant> before = Requests.instant(request, "before");
    return blockingCalls.answer(() -> body(log.list(before, limit), limit));
  }

  private static CallRecordsBody body(List<CallRecord> page, int limit) {
    return new CallRecordsBody(
        page.stream().map(call -> CallBody.of(call, false)).toList(),
        page.size() < limit ? null : page.getLast().startedAt());
  }
}
