package org.linescribe.gateway.call;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.testsupport.Patience;

/**
 * Keeps what calls bring: their audio on its timeline, and their end. Newest source of a kind and
 * owner wins.
 */
final class RecordingSessionsFake implements Sessions {
  final List<Recording> recordings = new CopyOnWriteArrayList<>();
  private final List<CallRecord> callRecords = new CopyOnWriteArrayList<>();
  private final Map<SessionId, Recording> open = new ConcurrentHashMap<>();
  private final CompletableFuture<SourceListener> opening = new CompletableFuture<>();
  private volatile @Nullable SessionRefusedException refusal;
  private volatile @Nullable RuntimeException bug;
  private volatile @Nullable String onlyModel;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile int capacitySamples = Integer.MAX_VALUE;
  private volatile Runnable beforeNewId = () -> {};
  private volatile Runnable beforeOpening = () -> {};

  void refuse(SessionRefusedException.Reason reason) {
    refusal = new SessionRefusedException(reason, "as the test says", Duration.ofSeconds(7));
  }

  /** Knows this model only; a request for another one or for any language is refused. */
  void serveOnly(String model) {
    onlyModel = model;
  }

  void failWith(RuntimeException e) {
    bug = e;
  }

  /** The listener of the first opening, once it has begun. */
  SourceListener opening() {
    return opening.orTimeout(Patience.LIMIT_MS, TimeUnit.MILLISECONDS).join();
  }

  /** Lets openings wait until {@link #letOpen}. */
  void holdOpenings() {
    gate = new CountDownLatch(1);
  }

  void letOpen() {
    gate.countDown();
  }

  void capacity(int samples) {
    capacitySamples = samples;
  }

  void beforeOpening(Runnable task) {
    beforeOpening = task;
  }

  void beforeNewId(Runnable task) {
    beforeNewId = task;
  }

  /** What is said from now on meets a bug of ours. */
  void breakAudio(RuntimeException bug) {
    recordings.forEach(recording -> recording.audioBug = bug);
  }

  Recording only() {
    if (recordings.size() != 1) {
      throw new AssertionError("recordings: " + recordings.size());
    }
    return recordings.getFirst();
  }

  @Override
  public SessionId newSessionId() {
    beforeNewId.run();
    return SessionId.random(System.currentTimeMillis());
  }

  @Override
  public SessionSource open(SourceRequest request, SourceListener listener)
      throws SessionRefusedException {
    opening.complete(listener);
    beforeOpening.run();
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (refusal != null) {
      throw refusal;
    }
    if (bug != null) {
      throw bug;
    }
    Recording held = open.get(request.sessionId());
    if (held != null && held.endReason() == null && !request.supersedes(held.request)) {
      throw new SessionRefusedException(
          SessionRefusedException.Reason.CONFLICT, "another source", Duration.ZERO);
    }
    if (onlyModel != null
        && !request.recognition().orDefault()
        && (request.recognition().language().isPresent()
            || request.recognition().model().filter(m -> !m.equals(onlyModel)).isPresent())) {
      throw new SessionRefusedException(
          SessionRefusedException.Reason.UNSUPPORTED, "not served", Duration.ZERO);
    }
    Recording recording =
        new Recording(request, listener, Thread.currentThread().isVirtual(), capacitySamples);
    Recording older = open.put(request.sessionId(), recording);
    recordings.add(recording);
    if (older != null && older.endReason() == null) {
      older.listener.onClosed(SourceClosed.SUPERSEDED);
    }
    return recording;
  }

  @Override
  public Subscription subscribe(SessionId sessionId, long fromSeq, TranscriptReader reader) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<SessionRecord> find(SessionId sessionId) {
    return Optional.empty();
  }

  @Override
  public List<SessionRecord> list(SessionQuery query) {
    return List.of();
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    return List.of();
  }

  @Override
  public WordQuery.Page find(WordQuery query) {
    return new WordQuery.Page(List.of(), Optional.empty());
  }

  @Override
  public void onOpening(SessionOpeningListener listener) {}

  @Override
  public List<SessionId> liveSessions() {
    return List.copyOf(open.keySet());
  }

  CallLog callLog() {
    return new CallLog() {
      @Override
      public void keep(CallRecord record) {
        callRecords.addFirst(record);
      }

      @Override
      public void onKeep(Listener told) {
        throw new UnsupportedOperationException();
      }

      @Override
      public List<CallRecord> list(Optional<Instant> startedBefore, int limit) {
        return List.copyOf(callRecords);
      }

      @Override
      public Optional<CallRecord> newest(SessionId sessionId) {
        return callRecords.stream()
            .filter(record -> record.sessionId().equals(sessionId))
            .findFirst();
      }
    };
  }

  @Override
  public boolean isLive(SessionId sessionId) {
    return open.containsKey(sessionId);
  }

  @Override
  public int openSources() {
    return open.size();
  }

  @Override
  public Readiness readiness() {
    return new Readiness(true, true, true, 0, "");
  }

  @Override
  public void drain(Duration atMost) {}

  @Override
  public void close() {}
}
