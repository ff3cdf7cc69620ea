package org.linescribe.api.files;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpeningListener;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionRefusedException.Reason;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.linescribe.session.WordQuery;

/** A pipeline that is full until the test releases a file: for queues, beats and time-outs. */
final class StuckSessions implements Sessions {
  private final Map<SessionId, Stuck> sources = new ConcurrentHashMap<>();
  private final List<SourceRequest> asked = new CopyOnWriteArrayList<>();
  private volatile Function<SourceRequest, Optional<Reason>> refusal = request -> Optional.empty();

  private volatile List<String> unserved = List.of();

  final class Stuck implements SessionSource {
    private final SourceRequest request;
    private final SourceListener listener;
    private volatile boolean free;
    volatile String ended = "";

    Stuck(SourceRequest request, SourceListener listener) {
      this.request = request;
      this.listener = listener;
    }

    void letGo() {
      free = true;
      listener.onWritable();
    }

    @Override
    public SessionId sessionId() {
      return request.sessionId();
    }

    @Override
    public int write(int leg, short[] pcm, int offset, int samples) {
      return free ? samples : 0;
    }

    @Override
    public List<String> unserved() {
      return unserved;
    }

    @Override
    public void skip(int leg, int samples) {}

    @Override
    public TranscriptEvent.Partial current(int leg) {
      return new TranscriptEvent.Partial(sessionId(), 1, "caller", "", 0, 0, Double.NaN);
    }

    @Override
    public CompletionStage<Void> flush() {
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> end(String reason) {
      if (ended.isEmpty()) {
        ended = reason;
      }
      return CompletableFuture.completedStage(null);
    }
  }

  /** The file of this name, if it is at work. */
  Optional<Stuck> at(String filename) {
    return sources.values().stream()
        .filter(source -> filename.equals(source.request.attributes().get("filename")))
        .findFirst();
  }

  /** Refuses from now on whom the function gives a reason. */
  void refuse(Function<SourceRequest, Optional<Reason>> why) {
    refusal = why;
  }

  /** Says from now on that this is not served, and uses the default. */
  void unserved(String... words) {
    unserved = List.of(words);
  }

  /** Every request so far. */
  List<SourceRequest> asked() {
    return List.copyOf(asked);
  }

  @Override
  public SessionId newSessionId() {
    return SessionId.random(System.currentTimeMillis());
  }

  @Override
  public SessionSource open(SourceRequest request, SourceListener listener)
      throws SessionRefusedException {
    asked.add(request);
    Optional<Reason> why = refusal.apply(request);
    if (why.isPresent()) {
      throw new SessionRefusedException(why.get(), "refused by the test", Duration.ofSeconds(5));
    }
    Stuck source = new Stuck(request, listener);
    sources.put(request.sessionId(), source);
    return source;
  }

  @Override
  public Subscription subscribe(SessionId sessionId, long fromSeq, TranscriptReader reader) {
    return () -> {};
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
    return List.copyOf(sources.keySet());
  }

  @Override
  public boolean isLive(SessionId sessionId) {
    return sources.containsKey(sessionId);
  }

  @Override
  public int openSources() {
    return sources.size();
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
