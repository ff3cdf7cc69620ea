package org.linescribe.api.sessions;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.Viewer;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallMark;
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
  private final LiveSessions live;
  private final BlockingCalls blockingCalls;

  SessionPages(Sessions sessions, LiveSessions live, BlockingCalls blockingCalls) {
    this.sessions = sessions;
    this.live = live;
    this.blockingCalls = blockingCalls;
  }

  /**
   * @param owner name of the API key or the trunk, else sip:ADDRESS or stranger:ADDRESS of a call;
   *     absent where nobody was identified
   * @param live a source is open on this node, or at another that was asked
   * @param lastSeq 0 when it has no segment
   * @param node the other node that has the source, where all were asked
   */
  record SessionBody(
      String sessionId,
      String kind,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String owner,
      List<String> legs,
      Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable String endReason,
      long lastSeq,
      boolean live,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String node,
      Map<String, String> attributes,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<MarkBody> marks) {

    static SessionBody of(SessionRecord found, boolean live, @Nullable String node) {
      return new SessionBody(
          found.sessionId().value(),
          found.kind(),
          found.owner().orElse(null),
          found.legs(),
          found.startedAt(),
          found.endedAt().orElse(null),
          found.endReason().orElse(null),
          found.lastSeq(),
          live,
          node,
          withoutMarks(found.attributes()),
          SessionPages.marks(found.attributes()));
    }
  }

  /**
   * A moment that was marked.
   *
   * @param atMs on the session's timeline
   */
  record MarkBody(long atMs, String text) {}

  private static List<MarkBody> marks(Map<String, String> attributes) {
    return CallMark.of(attributes).stream()
        .map(mark -> new MarkBody(mark.atMs(), mark.text()))
        .toList();
  }

  private static Map<String, String> withoutMarks(Map<String, String> attributes) {
    Map<String, String> others = new LinkedHashMap<>(attributes);
    others.keySet().removeIf(CallMark::isMark);
    return others;
  }

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
    SessionQuery query =
        new SessionQuery(
            Viewer.of(request.attributes()).owner(),
            callId(request),
            request.queryParam("before").map(Requests::sessionId),
            limit);
    if (Requests.flag(request, "live", false)) {
      boolean everywhere = allNodes(request);
      return blockingCalls
          .call(
              () -> everywhere ? live.everywhere(query) : new SessionsBody(live.here(query), null))
          .flatMap(page -> ServerResponse.ok().bodyValue(page));
    }
    return blockingCalls.answer(() -> sessionsBody(list(query), limit));
  }

  private static boolean allNodes(ServerRequest request) {
    return Requests.flag(request, "all_nodes", false);
  }

  private static Optional<String> callId(ServerRequest request) {
    Optional<String> callId = request.queryParam("call_id");
    if (callId.filter(String::isEmpty).isPresent()) {
      throw RefusedRequestException.badRequest("call_id: expected a SIP Call-ID");
    }
    return callId;
  }

  private List<SessionRecord> list(SessionQuery query) {
    Viewer viewer = new Viewer(query.owner());
    // Nobody learns by a page's begin when another's session was.
    if (!viewer.seesAll() && query.before().isPresent()) {
      requireSeen(query.before().get(), viewer);
    }
    List<SessionRecord> page = sessions.list(query);
    // Nothing is before a session that is not there; that is not the end of the list.
    if (page.isEmpty() && query.before().isPresent()) {
      requireSeen(query.before().get(), viewer);
    }
    return page;
  }

  private Optional<SessionRecord> seen(SessionId id, Viewer viewer) {
    return sessions.find(id).filter(session -> viewer.sees(session.owner()));
  }

  void requireSeen(SessionId id, Viewer viewer) {
    if (seen(id, viewer).isEmpty()) {
      throw RefusedRequestException.sessionNotFound(id);
    }
  }

  Mono<ServerResponse> find(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    boolean everywhere = allNodes(request);
    return blockingCalls
        .call(() -> find(id, Viewer.of(request.attributes()), everywhere))
        .flatMap(
            found ->
                ServerResponse.ok()
                    .bodyValue(
                        found.orElseThrow(() -> RefusedRequestException.sessionNotFound(id))));
  }

  private Optional<SessionBody> find(SessionId id, Viewer viewer, boolean everywhere)
      throws InterruptedException {
    Optional<SessionRecord> found = seen(id, viewer);
    boolean asksOthers =
        everywhere && found.filter(session -> session.endedAt().isEmpty()).isPresent();
    String node = asksOthers && !sessions.isLive(id) ? live.nodeElsewhere(id).orElse(null) : null;
    return found.map(session -> SessionBody.of(session, node != null || sessions.isLive(id), node));
  }

  Mono<ServerResponse> segments(ServerRequest request) {
    SessionId id = Requests.sessionId(request);
    long fromSeq = Requests.number(request, "from_seq", 1, Long.MAX_VALUE, 1);
    int limit = limit(request, DEFAULT_SEGMENTS);
    return blockingCalls.answer(
        () ->
            segmentsBody(id, segments(id, Viewer.of(request.attributes()), fromSeq, limit), limit));
  }

  private List<Segment> segments(SessionId id, Viewer viewer, long fromSeq, int limit) {
    if (!viewer.seesAll()) {
      requireSeen(id, viewer);
    }
    List<Segment> page = sessions.segments(id, fromSeq, limit);
    if (page.isEmpty()) {
      requireSeen(id, viewer);
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

  SessionBody body(SessionRecord found) {
    return SessionBody.of(found, sessions.isLive(found.sessionId()), null);
  }
}
