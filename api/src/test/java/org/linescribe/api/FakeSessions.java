package org.linescribe.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpeningListener;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptReader;
import org.linescribe.session.WordQuery;

/**
 * A pipeline without a recogniser: it keeps the audio that comes, and the test says what was heard.
 * For what an API does at moments that real speech does not hit on demand; that the APIs and the
 * real pipeline fit is shown by the tests named {@code …PipelineTest}.
 */
public final class FakeSessions implements Sessions {
  private final Map<SessionId, FakeSession> sessions = new ConcurrentHashMap<>();
  private final List<SessionOpeningListener> openings = new CopyOnWriteArrayList<>();
  private final Map<SessionId, String> insights = new ConcurrentHashMap<>();
  private volatile @Nullable SessionRefusedException refusal;
  private volatile @Nullable RuntimeException failure;
  private final CountDownLatch readinessGivenUp = new CountDownLatch(1);
  private volatile @Nullable CountDownLatch hangsUntil;
  private final AtomicReference<@Nullable Runnable> whileFinding = new AtomicReference<>();
  private volatile Readiness readiness = new Readiness(true, true, true, 0, "");

  /** A session, made when it is first asked for. */
  public FakeSession session(String id) {
    return sessions.computeIfAbsent(new SessionId(id), FakeSession::new);
  }

  /** A session that a key, or a trunk, opened. */
  public FakeSession owned(String id, String owner) {
    return owned(id, owner, Map.of());
  }

  public FakeSession owned(String id, String owner, Map<String, String> attributes) {
    FakeSession session = session(id);
    session.request =
        new SourceRequest(
            session.id,
            "test",
            Optional.of(owner),
            List.of(new SourceRequest.Leg("caller", 8000)),
            RecognitionRequest.DEFAULT,
            attributes);
    session.opened = true;
    return session;
  }

  /** The session, where there is one only. */
  public String onlyId() {
    if (sessions.size() != 1) {
      throw new IllegalStateException(sessions.size() + " sessions");
    }
    return sessions.keySet().iterator().next().value();
  }

  public void refuse(SessionRefusedException refused) {
    refusal = refused;
  }

  public void fail(RuntimeException thrown) {
    failure = thrown;
  }

  /** From now on nobody who asks for the readiness gets an answer. */
  public void hang() {
    hangsUntil = new CountDownLatch(1);
  }

  /** Completes when one who asked was told to wait no longer. */
  public CountDownLatch readinessGivenUp() {
    return readinessGivenUp;
  }

  /** What others do while a session is looked up the next time. */
  public void whileFinding(Runnable task) {
    whileFinding.set(task);
  }

  public void readiness(Readiness now) {
    readiness = now;
  }

  @Override
  public SessionId newSessionId() {
    return SessionId.random(System.currentTimeMillis());
  }

  @Override
  public SessionSource open(SourceRequest request, SourceListener listener)
      throws SessionRefusedException {
    if (refusal != null) {
      throw refusal;
    }
    if (failure != null) {
      throw failure;
    }
    FakeSession session = session(request.sessionId().value());
    SourceRequest held = session.request;
    if (session.listener != null && held != null && !request.supersedes(held)) {
      throw new SessionRefusedException(
          SessionRefusedException.Reason.CONFLICT, "another source has it", Duration.ZERO);
    }
    session.closes(SourceClosed.SUPERSEDED);
    session.opened = true;
    session.listener = listener;
    // Last: tests wait for it, and then speak to the listener.
    session.request = request;
    openings.forEach(
        opening -> opening.onOpened(request.sessionId(), session.segments.size() + 1L));
    return session;
  }

  @Override
  public Subscription subscribe(SessionId sessionId, long fromSeq, TranscriptReader reader) {
    return new FakeSession.FakeSubscription(session(sessionId.value()), fromSeq, reader);
  }

  @Override
  public Optional<SessionRecord> find(SessionId sessionId) {
    Runnable task = whileFinding.getAndSet(null);
    if (task != null) {
      task.run();
    }
    return Optional.ofNullable(sessions.get(sessionId))
        .filter(session -> session.opened || !session.segments.isEmpty())
        .map(FakeSessions::kept);
  }

  @Override
  public List<SessionRecord> list(SessionQuery query) {
    Optional<SessionId> before = query.before();
    return sessions.values().stream()
        .map(FakeSessions::kept)
        .filter(query::matches)
        .sorted(
            Comparator.comparing((SessionRecord session) -> session.sessionId().value()).reversed())
        .filter(
            session ->
                before.isEmpty()
                    || find(before.get()).isPresent()
                        && session.sessionId().value().compareTo(before.get().value()) < 0)
        .limit(query.limit())
        .toList();
  }

  @Override
  public boolean keepInsights(SessionId sessionId, String json) {
    insights.put(sessionId, json);
    return true;
  }

  @Override
  public Optional<String> insights(SessionId sessionId) {
    return Optional.ofNullable(insights.get(sessionId));
  }

  private static SessionRecord kept(FakeSession session) {
    return new SessionRecord(
        session.id,
        "websocket",
        Optional.ofNullable(session.request).flatMap(SourceRequest::owner),
        List.of("caller"),
        session.startedAt,
        Optional.ofNullable(session.endReason).map(_ -> session.startedAt.plusSeconds(60)),
        Optional.ofNullable(session.endReason),
        session.segments.size(),
        attributes(session.request));
  }

  private static Map<String, String> attributes(@Nullable SourceRequest request) {
    Map<String, String> attributes = new TreeMap<>(Map.of("codec", "pcmu"));
    attributes.putAll(request == null ? Map.of() : request.attributes());
    return attributes;
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    return session(sessionId.value()).segments.stream()
        .filter(segment -> segment.seq() >= fromSeq)
        .limit(limit)
        .toList();
  }

  /** By parts of words, and all at once, unlike the store. */
  @Override
  public WordQuery.Page find(WordQuery query) {
    SessionQuery all =
        new SessionQuery(
            query.owner(), Optional.empty(), query.from(), query.until(), query.before(), 1000);
    List<Segment> found = new ArrayList<>();
    for (SessionRecord session : list(all)) {
      if (found.size() >= query.limit()) {
        return new WordQuery.Page(found, Optional.of(found.getLast().sessionId()));
      }
      session(session.sessionId().value()).segments.stream()
          .filter(
              segment ->
                  query.words().stream()
                      .allMatch(
                          word ->
                              segment
                                  .text()
                                  .toLowerCase(Locale.ROOT)
                                  .contains(word.toLowerCase(Locale.ROOT))))
          .forEach(found::add);
    }
    return new WordQuery.Page(found, Optional.empty());
  }

  @Override
  public void onOpening(SessionOpeningListener listener) {
    openings.add(listener);
  }

  @Override
  public List<SessionId> liveSessions() {
    return sessions.values().stream()
        .filter(session -> session.listener != null)
        .map(session -> session.id)
        .toList();
  }

  @Override
  public boolean isLive(SessionId sessionId) {
    return session(sessionId.value()).listener != null;
  }

  @Override
  public int openSources() {
    return Math.toIntExact(
        sessions.values().stream().filter(session -> session.listener != null).count());
  }

  @Override
  public Readiness readiness() {
    CountDownLatch until = hangsUntil;
    if (until != null) {
      try {
        until.await();
      } catch (InterruptedException givenUp) {
        Thread.currentThread().interrupt();
        readinessGivenUp.countDown();
      }
    }
    return readiness;
  }

  @Override
  public void drain(Duration atMost) {
    sessions.values().forEach(session -> session.closes(SourceClosed.DRAINING));
  }

  @Override
  public void close() {}
}
