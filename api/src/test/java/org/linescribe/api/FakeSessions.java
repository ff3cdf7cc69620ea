package org.linescribe.api;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;

/**
 * A pipeline without a recogniser: it keeps the audio that comes, and the test says what was heard.
 * For what a door does at moments that real speech does not hit on demand; that the doors and the
 * real pipeline fit is shown by the tests named {@code …PipelineTest}.
 */
public final class FakeSessions implements Sessions {
  private final Map<SessionId, FakeSession> sessions = new ConcurrentHashMap<>();
  private volatile @Nullable SessionRefusedException refusal;
  private volatile @Nullable RuntimeException failure;
  private final CountDownLatch readinessGivenUp = new CountDownLatch(1);
  private volatile @Nullable CountDownLatch hangsUntil;
  private volatile Readiness readiness = new Readiness(true, true, true, 0, "");

  /** One session and its newest source. */
  public static final class FakeSession implements SessionSource {
    private final SessionId id;
    private final Instant startedAt = Instant.parse("2026-01-01T00:00:00Z");
    private final List<Segment> segments = new CopyOnWriteArrayList<>();
    private final List<FakeSubscription> readers = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<String> ends = new ConcurrentLinkedQueue<>();
    private final List<float[]> audio = new ArrayList<>();
    private volatile @Nullable SourceListener listener;
    private volatile @Nullable SourceRequest request;
    private volatile String text = "";
    private int roomSamples = Integer.MAX_VALUE;
    private int flushes;
    private volatile boolean opened;
    private @Nullable RuntimeException failNextAccept;

    FakeSession(SessionId id) {
      this.id = id;
    }

    @Override
    public SessionId sessionId() {
      return id;
    }

    @Override
    public synchronized boolean accept(int leg, float[] pcm, int offset, int length) {
      if (failNextAccept != null) {
        RuntimeException thrown = failNextAccept;
        failNextAccept = null;
        throw thrown;
      }
      if (length > roomSamples) {
        return false;
      }
      roomSamples -= length;
      audio.add(Arrays.copyOfRange(pcm, offset, offset + length));
      return true;
    }

    @Override
    public void skip(int leg, int samples) {}

    @Override
    public TranscriptEvent.Partial current(int leg) {
      return partialOf(text);
    }

    @Override
    public synchronized CompletionStage<Void> flush() {
      flushes++;
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> end(String reason) {
      ends.add(reason);
      listener = null;
      return CompletableFuture.completedStage(null);
    }

    /** The recogniser has this text now. */
    public void hears(String heard) {
      text = heard;
      announce(partialOf(heard));
    }

    /** The utterance ended. */
    public void ends(String heard) {
      text = "";
      Segment segment =
          new Segment(
              id,
              segments.size() + 1L,
              "caller",
              heard,
              segments.size() * 1000L,
              segments.size() * 1000L + 900,
              List.of(new Token(heard, segments.size() * 1000L, Double.NaN)),
              "fake",
              startedAt.plusSeconds(segments.size()));
      segments.add(segment);
      announce(new TranscriptEvent.Final(segment));
    }

    /** The session lets its source go. */
    public void closes(SourceClosed reason) {
      SourceListener to = listener;
      listener = null;
      if (to != null) {
        to.onClosed(reason);
      }
    }

    /** Room for so many samples and no more. */
    public synchronized void room(int samples) {
      roomSamples = samples;
    }

    /** Room again, as the real queue tells it. */
    public void writable(int samples) {
      room(samples);
      SourceListener to = listener;
      if (to != null) {
        to.onWritable();
      }
    }

    public synchronized void failNextAccept(RuntimeException thrown) {
      failNextAccept = thrown;
    }

    public synchronized int samples() {
      return audio.stream().mapToInt(part -> part.length).sum();
    }

    public synchronized float[] audio() {
      float[] all = new float[samples()];
      int at = 0;
      for (float[] part : audio) {
        System.arraycopy(part, 0, all, at, part.length);
        at += part.length;
      }
      return all;
    }

    public synchronized int flushes() {
      return flushes;
    }

    public List<String> ends() {
      return List.copyOf(ends);
    }

    public @Nullable SourceRequest request() {
      return request;
    }

    public int readers() {
      return readers.size();
    }

    /** Tells the readers that the source went away. */
    public void announceEnd(String reason) {
      announce(new TranscriptEvent.Ended(id, segments.size() + 1L, reason));
    }

    private TranscriptEvent.Partial partialOf(String heard) {
      return new TranscriptEvent.Partial(
          id, segments.size() + 1L, "caller", heard, 0, 100, Double.NaN);
    }

    private void announce(TranscriptEvent event) {
      SourceListener to = listener;
      if (to != null && !(event instanceof TranscriptEvent.Ended)) {
        to.onEvent(event);
      }
      readers.forEach(reader -> reader.offer(event));
    }
  }

  /** Replays what is there, then what comes, on a thread of its own. */
  private static final class FakeSubscription implements Subscription {
    private final LinkedBlockingQueue<TranscriptEvent> events = new LinkedBlockingQueue<>();
    private final FakeSession session;
    private final Thread thread;

    FakeSubscription(FakeSession session, long fromSeq, TranscriptReader reader) {
      this.session = session;
      session.segments.stream()
          .filter(segment -> segment.seq() >= fromSeq)
          .forEach(segment -> events.add(new TranscriptEvent.Final(segment)));
      session.readers.add(this);
      thread = Thread.ofVirtual().start(() -> tell(reader));
    }

    private void offer(TranscriptEvent event) {
      events.add(event);
    }

    private void tell(TranscriptReader reader) {
      try {
        while (true) {
          reader.onEvent(events.take());
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      session.readers.remove(this);
      thread.interrupt();
    }
  }

  /** A session, made when it is first asked for. */
  public FakeSession session(String id) {
    return sessions.computeIfAbsent(new SessionId(id), FakeSession::new);
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
    session.closes(SourceClosed.SUPERSEDED);
    session.opened = true;
    session.listener = listener;
    // Last: tests wait for it, and then speak to the listener.
    session.request = request;
    return session;
  }

  @Override
  public Subscription subscribe(SessionId sessionId, long fromSeq, TranscriptReader reader) {
    return new FakeSubscription(session(sessionId.value()), fromSeq, reader);
  }

  @Override
  public Optional<SessionRecord> find(SessionId sessionId) {
    return Optional.ofNullable(sessions.get(sessionId))
        .filter(session -> session.opened || !session.segments.isEmpty())
        .map(FakeSessions::kept);
  }

  @Override
  public List<SessionRecord> list(Optional<SessionId> before, int limit) {
    return sessions.values().stream()
        .map(FakeSessions::kept)
        .sorted(
            Comparator.comparing((SessionRecord session) -> session.sessionId().value()).reversed())
        .filter(
            session ->
                before.isEmpty()
                    || find(before.get()).isPresent()
                        && session.sessionId().value().compareTo(before.get().value()) < 0)
        .limit(limit)
        .toList();
  }

  private static SessionRecord kept(FakeSession session) {
    return new SessionRecord(
        session.id,
        "websocket",
        List.of("caller"),
        session.startedAt,
        Optional.empty(),
        Optional.empty(),
        session.segments.size(),
        Map.of("codec", "pcmu"));
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    return session(sessionId.value()).segments.stream()
        .filter(segment -> segment.seq() >= fromSeq)
        .limit(limit)
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
