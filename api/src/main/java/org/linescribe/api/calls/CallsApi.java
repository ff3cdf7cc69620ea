package org.linescribe.api.calls;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.linescribe.api.callrecord.CallJson.CallBody;
import org.linescribe.api.calls.CallBodies.CallRecordsBody;
import org.linescribe.api.calls.CallBodies.CallsBody;
import org.linescribe.api.calls.CallBodies.MarkBody;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallControl.RecordingOrder;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallRecord;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Opens {@code /calls} and {@code /call-records}. A call is named by its session's id. */
@ApiPackage
class CallsApi {
  private static final int MAX_LIMIT = 1000;
  private static final int DEFAULT_LIMIT = 50;

  @Bean
  RouterFunction<ServerResponse> callsRoutes(
      ObjectProvider<CallControl> line,
      ObjectProvider<CallLog> log,
      Sessions sessions,
      ObjectProvider<Clock> clock,
      BlockingCalls blockingCalls) {
    CallMarks marks = new CallMarks(sessions, clock.getIfAvailable(Clock::systemUTC));
    return RouterFunctions.route()
        .GET("/calls", _ -> open(control(line), blockingCalls))
        .GET("/calls/{session_id}", r -> find(r, control(line), records(log), blockingCalls))
        .POST("/calls/{session_id}/hangup", r -> change(r, blockingCalls, control(line)::hangUp))
        .POST(
            "/calls/{session_id}/pause",
            r -> change(r, blockingCalls, id -> control(line).pause(id, true)))
        .POST(
            "/calls/{session_id}/resume",
            r -> change(r, blockingCalls, id -> control(line).pause(id, false)))
        .POST(
            "/calls/{session_id}/recording/start",
            r -> record(r, blockingCalls, control(line), RecordingOrder.START))
        .POST(
            "/calls/{session_id}/recording/pause",
            r -> record(r, blockingCalls, control(line), RecordingOrder.PAUSE))
        .POST(
            "/calls/{session_id}/recording/stop",
            r -> record(r, blockingCalls, control(line), RecordingOrder.STOP))
        .POST("/calls/{session_id}/mark", r -> mark(r, marks, control(line), blockingCalls))
        .GET("/call-records", r -> list(r, records(log), blockingCalls))
        .build();
  }

  private static CallControl control(ObjectProvider<CallControl> line) {
    return line.getIfAvailable(() -> CallControl.NONE);
  }

  private static CallLog records(ObjectProvider<CallLog> log) {
    return log.getIfAvailable(() -> CallLog.NONE);
  }

  private static Mono<ServerResponse> open(CallControl control, BlockingCalls blockingCalls) {
    return blockingCalls
        .call(() -> new CallsBody(control.open().stream().map(c -> CallBody.of(c, false)).toList()))
        .flatMap(body -> ServerResponse.ok().bodyValue(body));
  }

  /** The call that goes on, else the newest that the session had. */
  private static Mono<ServerResponse> find(
      ServerRequest request, CallControl control, CallLog log, BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    return blockingCalls
        .call(
            () ->
                control
                    .find(id)
                    .map(call -> CallBody.of(call, true))
                    .or(() -> log.newest(id).map(call -> CallBody.of(call, true)))
                    .orElseThrow(() -> notFound(id)))
        .flatMap(body -> ServerResponse.ok().bodyValue(body));
  }

  private static Mono<ServerResponse> change(
      ServerRequest request, BlockingCalls blockingCalls, Predicate<SessionId> change) {
    SessionId id = Requests.sessionId(request);
    return blockingCalls
        .call(() -> change.test(id))
        .flatMap(found -> found ? ServerResponse.accepted().build() : Mono.error(notFound(id)));
  }

  private static Mono<ServerResponse> record(
      ServerRequest request,
      BlockingCalls blockingCalls,
      CallControl control,
      RecordingOrder order) {
    return change(
        request,
        blockingCalls,
        id -> {
          boolean told = control.record(id, order);
          if (!told && control.find(id).isPresent()) {
            throw new RefusedRequestException(
                HttpStatus.CONFLICT,
                "Calls of this kind are not recorded",
                Map.of("session_id", id.value()));
          }
          return told;
        });
  }

  private static Mono<ServerResponse> mark(
      ServerRequest request, CallMarks marks, CallControl control, BlockingCalls blockingCalls) {
    SessionId id = Requests.sessionId(request);
    return request
        .bodyToMono(CallMarks.Asked.class)
        .defaultIfEmpty(new CallMarks.Asked(""))
        .flatMap(asked -> blockingCalls.call(() -> marks.set(id, asked, control)))
        .flatMap(
            set ->
                ServerResponse.status(HttpStatus.CREATED)
                    .bodyValue(new MarkBody(set.atMs(), set.text())));
  }

  static RefusedRequestException notFound(SessionId id) {
    return new RefusedRequestException(
        HttpStatus.NOT_FOUND, "Call not found", Map.of("session_id", id.value()));
  }

  private static Mono<ServerResponse> list(
      ServerRequest request, CallLog log, BlockingCalls blockingCalls) {
    int limit = Math.toIntExact(Requests.number(request, "limit", 1, MAX_LIMIT, DEFAULT_LIMIT));
    Optional<Instant> before = Requests.instant(request, "before");
    return blockingCalls
        .call(() -> log.list(before, limit))
        .flatMap(page -> ServerResponse.ok().bodyValue(body(page, limit)));
  }

  private static CallRecordsBody body(List<CallRecord> page, int limit) {
    return new CallRecordsBody(
        page.stream().map(call -> CallBody.of(call, false)).toList(),
        page.size() < limit ? null : page.getLast().startedAt());
  }
}
