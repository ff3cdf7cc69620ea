package org.linescribe.api.sessions;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.BlockingCalls;
import org.linescribe.api.RefusedRequestException;
import org.linescribe.api.Requests;
import org.linescribe.api.TranscriptJson;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Sessions and segments, page by page. A page that is full names where the next one begins.
 *
 * <p>Thread: event loops; the store is read on virtual threads.
 */
final class SessionPages {
  private static final int MAX_LIMIT = 1000;
  private static final int DEFAULT_SESSIONS = 50;
  private static final int DEFAULT_SEGMENTS = 200;

  private final Sessions sessions;
  private final BlockingCalls blockingCalls;

  SessionPages(Sessions sessions, BlockingCalls blockingCalls) {
    this.sessions = sessions;
    this.blockingCalls = blockingCalls;
  }

  /**
   * @param live a source is open on this node
   * @param lastSeq 0 when it has no segment
   */
  record SessionBody(
      String sessionId,
      String kind,
      List<String> legs,
      Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable String endReason,
      long lastSeq,
      boolean live,
      Map<String, String> attributes) {}

  /**
   * @param nextBefore the parameter {@code before} of the next page, absent after the last
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SessionsBody(List<SessionBody> sessions, @Nullable String nextBefore) {}

  /**
   * @param nextFromSeq the parameter {@code from_seq} of the next page, absent when these are the
   *     last so far
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SegmentsBody(
      String sessionId, List<TranscriptJson.SegmentBody> segments, @Nullable Long nextFromSeq) {}

  Mono<ServerResponse> list(ServerRequest request) {
    int limit = limit(request, DEFAULT_SESSIONS);
    Optional<SessionId> before = request.queryParam("before").map(Requests::sessionId);
    return blockingCalls
        .call(() -> list(before, limit))
        .flatMap(page -> ServerResponse.ok().bodyValue(sessionsBody(page, limit)));
  }

  private List<SessionRecord> list(Optional<SessionId> before, int limit) {
    List<SessionRecord> page = sessions.list(before, limit);
    // Nothing is before a session that is not there; that is not the end of the list.
    if (page.isEmpty() && before.isPresent() && sessions.find(before.get()).isEmpty()) {
      throw RefusedRequestException.sessionNotFound(before.get());
    }
    return page;
  }

  Mono<ServerResponse> find(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    return blockingCalls
        .call(() -> sessions.find(id).map(this::body))
        .flatMap(
            found ->
                ServerResponse.ok()
                    .bodyValue(
                        found.orElseThrow(() -> RefusedRequestException.sessionNotFound(id))));
  }

  Mono<ServerResponse> segments(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    long fromSeq = Requests.number(request, "from_seq", 1, Long.MAX_VALUE, 1);
    int limit = limit(request, DEFAULT_SEGMENTS);
    return blockingCalls
        .call(() -> segments(id, fromSeq, limit))
        .flatMap(page -> ServerResponse.ok().bodyValue(segmentsBody(id, page, limit)));
  }

  private List<Segment> segments(SessionId id, long fromSeq, int limit) {
    List<Segment> page = sessions.segments(id, fromSeq, limit);
    if (page.isEmpty() && sessions.find(id).isEmpty()) {
      throw RefusedRequestException.sessionNotFound(id);
    }
    return page;
  }

  private static int limit(ServerRequest request, int fallback) {
    return Math.toIntExact(Requests.number(request, "limit", 1, MAX_LIMIT, fallback));
  }

  private SessionsBody sessionsBody(List<SessionRecord> page, int limit) {
    return new SessionsBody(
        page.stream().map(this::body).toList(),
        page.size() < limit ? null : page.getLast().sessionId().value());
  }

  private static SegmentsBody segmentsBody(SessionId id, List<Segment> page, int limit) {
    return new SegmentsBody(
        id.value(),
        page.stream().map(TranscriptJson::segment).toList(),
        page.size() < limit ? null : page.getLast().seq() + 1);
  }

  private SessionBody body(SessionRecord found) {
    return new SessionBody(
        found.sessionId().value(),
        found.kind(),
        found.legs(),
        found.startedAt(),
        found.endedAt().orElse(null),
        found.endReason().orElse(null),
        found.lastSeq(),
        sessions.isLive(found.sessionId()),
        found.attributes());
  }
}
