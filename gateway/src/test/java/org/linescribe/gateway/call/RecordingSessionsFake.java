package org.linescribe.gateway.call;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
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

/** Keeps what calls bring: their audio on its timeline, and their end. Newest source wins. */
final class RecordingSessionsFake implements Sessions {
  final List<Recording> recordings = new CopyOnWriteArrayList<>();
  private final Map<SessionId, Recording> open = new ConcurrentHashMap<>();
  private volatile @Nullable SessionRefusedException refusal;
  private volatile @Nullable RuntimeException bug;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile int capacitySamples = Integer.MAX_VALUE;
  private volatile Runnable beforeNewId = () -> {};

  void refuse(SessionRefusedException.Reason reason) {
    refusal = new SessionRefusedException(reason, "as the test says", Duration.ofSeconds(7));
  }

  void failWith(RuntimeException e) {
    bug = e;
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
    Recording recording =
        new Recording(request, listener, Thread.currentThread().isVirtual(), capacitySamples);
    Recording older = open.put(request.sessionId(), recording);
    recordings.add(recording);
    if (older != null && older.endReason() == null) {
      older.listener.onClosed(SourceClosed.SUPERSEDED);
    }
    return recording;
  }

  /** One source's audio. */
  static final class Recording implements SessionSource {
    final SourceRequest request;
    final SourceListener listener;
    final boolean openedOnVirtualThread;
    private final int capacitySamples;
    private final Map<String, String> described = new HashMap<>();
    private float[] samples = new float[8000];
    private int length;
    private int accepted;
    private int skipped;
    private int flushes;
    private @Nullable String endReason;
    private volatile @Nullable RuntimeException audioBug;

    Recording(
        SourceRequest request, SourceListener listener, boolean virtual, int capacitySamples) {
      this.request = request;
      this.listener = listener;
      this.openedOnVirtualThread = virtual;
      this.capacitySamples = capacitySamples;
    }

    /** What the request said, and what was learnt after it. */
    synchronized Map<String, String> attributes() {
      Map<String, String> all = new HashMap<>(request.attributes());
      all.putAll(described);
      return all;
    }

    @Override
    public synchronized void describe(String key, String value) {
      described.put(key, value);
    }

    @Override
    public SessionId sessionId() {
      return request.sessionId();
    }

    @Override
    public synchronized boolean accept(int leg, float[] pcm, int offset, int count) {
      throwBug();
      if (leg != 0 || endReason != null || accepted + count > capacitySamples) {
        return false;
      }
      room(count);
      System.arraycopy(pcm, offset, samples, length, count);
      length += count;
      accepted += count;
      return true;
    }

    @Override
    public synchronized void skip(int leg, int count) {
      throwBug();
      room(count);
      length += count;
      skipped += count;
    }

    private void throwBug() {
      if (audioBug != null) {
        throw audioBug;
      }
    }

    private void room(int count) {
      if (length + count > samples.length) {
        samples = Arrays.copyOf(samples, Math.max(samples.length * 2, length + count));
      }
    }

    @Override
    public TranscriptEvent.Partial current(int leg) {
      return new TranscriptEvent.Partial(sessionId(), 1, "caller", "", 0, 0, Double.NaN);
    }

    @Override
    public synchronized CompletionStage<Void> flush() {
      flushes++;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletionStage<Void> end(String reason) {
      if (endReason == null) {
        endReason = reason;
      }
      return CompletableFuture.completedFuture(null);
    }

    synchronized @Nullable String endReason() {
      return endReason;
    }

    synchronized float[] timeline() {
      return Arrays.copyOf(samples, length);
    }

    synchronized int acceptedSamples() {
      return accepted;
    }

    synchronized int skippedSamples() {
      return skipped;
    }

    synchronized int flushes() {
      return flushes;
    }
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
  public List<SessionRecord> list(Optional<SessionId> before, int limit) {
    return List.of();
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    return List.of();
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
