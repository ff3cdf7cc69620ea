package org.linescribe.asr.scheduler;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.OpenFlushes.Flush;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;

/**
 * One leg in the scheduler: a bounded queue on the caller's side, a {@link NativeLeg} on the
 * workers'.
 *
 * <p>Thread: the queue and the run state are guarded by the lock; the leg belongs to the worker
 * that took the stream from the ready queue, until it gives it back. No listener is called under
 * the lock.
 */
final class ScheduledStream implements RecogniserStream {
  /** Silence decoded before the rest of a longer one is jumped over. */
  private static final int JUMP_AFTER_MS = 1000;

  private enum Run {
    IDLE,
    QUEUED,
    RUNNING,
    ENDED
  }

  private final BatchingRecogniser recogniser;
  private final RecogniserListener listener;
  private final NativeLeg leg;
  private final int sampleRateHz;
  private final long jumpAfterSamples;

  private final Object lock = new Object();
  private final AudioQueue queue;
  private final OpenFlushes flushes = new OpenFlushes();
  private Run run = Run.IDLE;
  private boolean refused;
  private boolean closed;
  private @Nullable RecogniserException failure;
  private int needed;
  private long pendingSamples;
  private long readySinceNs;

  private float[] scratch = new float[0];
  private long silentSamples;
  private long renewalsSeen;
  private boolean ended;

  ScheduledStream(
      BatchingRecogniser recogniser,
      StreamingEngine engine,
      SchedulerSettings settings,
      StreamOptions options,
      RecogniserListener listener) {
    this.recogniser = recogniser;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.sampleRateHz = engine.sampleRateHz();
    this.jumpAfterSamples =
        Math.max(
            (long) JUMP_AFTER_MS * sampleRateHz / 1000,
            2L * engine.chunking().firstSamples() + engine.chunking().shiftSamples());
    this.queue =
        new AudioQueue(
            (int) (settings.queueBound().toMillis() * sampleRateHz / 1000), sampleRateHz);
    UtteranceTracker tracker =
        new UtteranceTracker(
            options.endpointSilence().toMillis(),
            settings.maxUtterance().toMillis(),
            options.startMs());
    this.leg =
        new NativeLeg(
            engine,
            tracker,
            options.startMs() * sampleRateHz / 1000,
            settings.idleRenewal().toMillis());
    this.needed = leg.needed();
  }

  // The caller's side.

  @Override
  public boolean accept(float[] pcm, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, pcm.length);
    if (length > queue.bound()) {
      throw new IllegalArgumentException(
          "length: " + length + " samples (expected: at most the queue's " + queue.bound() + ")");
    }
    int broken;
    synchronized (lock) {
      if (isDead()) {
        return false;
      }
      broken = queue.offer(pcm, offset, length, System.nanoTime());
      refused |= broken < 0;
      schedule();
    }
    if (broken < 0) {
      recogniser.metrics().refusedSamples.increment(length);
    } else if (broken > 0) {
      recogniser.metrics().brokenSamples.increment(broken);
    }
    return broken >= 0;
  }

  @Override
  public void skip(int samples) {
    if (samples < 0) {
      throw new IllegalArgumentException("samples: " + samples + " (expected: >= 0)");
    }
    synchronized (lock) {
      if (!isDead()) {
        queue.skip(samples, System.nanoTime());
        schedule();
      }
    }
  }

  @Override
  public long queuedMs() {
    synchronized (lock) {
      return (waitingSamples() + pendingSamples) * 1000 / sampleRateHz;
    }
  }

  @Override
  public CompletionStage<Void> flush() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    synchronized (lock) {
      if (failure != null) {
        return CompletableFuture.failedStage(failure);
      }
      if (closed) {
        return CompletableFuture.failedStage(new RecogniserException("the stream is closed"));
      }
      flushes.add(queue.offeredPosition(), stage);
      schedule();
    }
    return stage.minimalCompletionStage();
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      queue.clear();
      schedule();
    }
  }

  /** Ends the stream with a failure, by any thread; the listener hears it on a decode thread. */
  void fail(RecogniserException cause) {
    synchronized (lock) {
      if (isDead()) {
        return;
      }
      failure = cause;
      queue.clear();
      schedule();
    }
  }

  /**
   * Audio that has waited, in ms: the smaller of its length and its age. The length alone would
   * take a file that is fed faster than real time for a machine that is behind.
   */
  long backlogMs(long nowNs) {
    synchronized (lock) {
      long length = waitingSamples() * 1000 / sampleRateHz;
      return Math.min(length, (nowNs - queue.headOfferedNs(nowNs)) / 1_000_000);
    }
  }

  // The workers' side.

  long readySinceNs() {
    synchronized (lock) {
      return readySinceNs;
    }
  }

  /** Takes the turn: feeds one chunk at most. Null when there is nothing to decode this turn. */
  @Nullable EngineStream beginTurn() {
    synchronized (lock) {
      run = Run.RUNNING;
    }
    try {
      if (endIfDead()) {
        return null;
      }
      if (!leg.isFinishing()) {
        feed();
      }
      if (leg.isReady()) {
        return leg.ready();
      }
      completeFlushIfReached();
      return null;
    } catch (RuntimeException | Error e) {
      failNow(e);
      return null;
    }
  }

  /** After this stream's chunk was decoded. */
  void decoded() {
    try {
      leg.decoded().ifPresent(h -> tell(() -> listener.onHypothesis(h)));
      if (leg.isFinishing()) {
        return;
      }
      leg.endpoint()
          .ifPresent(
              f -> {
                tell(() -> listener.onEndpoint(f.hypothesis(), f.accountedToMs()));
                if (leg.isOverdue()) {
                  leg.renewNow();
                }
              });
      leg.renewIfDue();
    } catch (RuntimeException | Error e) {
      failNow(e);
    }
  }

  /** A failure on a decode thread, a listener's included: it ends this stream only. */
  void failNow(Throwable e) {
    fail(
        e instanceof RecogniserException known
            ? known
            : new RecogniserException("a recogniser's stream failed: " + e, e));
  }

  /** Gives the turn back, or queues for the next one when there is work. */
  void endTurn() {
    boolean writable;
    synchronized (lock) {
      writable = refused && !isDead() && queue.stored() <= queue.bound() / 2;
      refused &= !writable;
    }
    if (writable) {
      try {
        tell(listener::onWritable);
      } catch (RuntimeException | Error e) {
        failNow(e);
      }
    }
    if (!ended) {
      recogniser.metrics().renewals.increment(leg.renewals() - renewalsSeen);
      renewalsSeen = leg.renewals();
    }
    synchronized (lock) {
      if (ended) {
        run = Run.ENDED;
        return;
      }
      needed = leg.needed();
      pendingSamples = leg.pendingSamples();
      run = Run.IDLE;
      // What is ready already has waited for its turn: it shall not wait for company again.
      schedule(System.nanoTime() - recogniser.maxWaitNs());
    }
  }

  private void feed() {
    int limit;
    int got;
    synchronized (lock) {
      long jumped = jumpable();
      if (jumped > 0) {
        queue.jump(jumped);
        leg.jump(jumped);
      }
      limit = (int) Math.min(leg.needed(), flushes.samplesAhead(queue.polledPosition()));
      if (scratch.length < limit) {
        scratch = new float[limit];
      }
      long silence = queue.headSilence();
      got = queue.poll(scratch, limit);
      silentSamples = silence >= got ? silentSamples + got : 0;
    }
    leg.feed(scratch, got);
  }

  /** Silence at the head that need not be decoded: a second of it was, and no word came. */
  private long jumpable() {
    if (silentSamples < jumpAfterSamples || leg.isOpen()) {
      return 0;
    }
    long silence = Math.min(queue.headSilence(), flushes.samplesAhead(queue.polledPosition()));
    return silence > jumpAfterSamples ? silence : 0;
  }

  private void completeFlushIfReached() {
    @Nullable Flush flush;
    synchronized (lock) {
      flush = flushes.reached(queue.polledPosition());
    }
    if (flush == null) {
      return;
    }
    if (leg.hasStream() && !leg.isFinishing()) {
      leg.finish();
      if (leg.isReady()) {
        return;
      }
    }
    leg.finished()
        .ifPresent(f -> tell(() -> listener.onEndpoint(f.hypothesis(), f.accountedToMs())));
    silentSamples = 0;
    synchronized (lock) {
      flushes.remove(flush);
    }
    flush.stage().complete(null);
  }

  private boolean endIfDead() {
    RecogniserException cause;
    boolean wasClosed;
    List<Flush> waiting;
    synchronized (lock) {
      if (!isDead()) {
        return false;
      }
      cause = failure;
      wasClosed = closed;
      waiting = flushes.takeAll();
    }
    ended = true;
    try {
      leg.close();
    } finally {
      if (cause != null) {
        recogniser.metrics().failures.increment();
      }
      RecogniserException why =
          cause != null ? cause : new RecogniserException("the stream is closed");
      waiting.forEach(f -> f.stage().completeExceptionally(why));
      try {
        if (cause != null && !wasClosed) {
          listener.onFailure(cause);
        }
      } finally {
        // The workers are interrupted when the last stream has ended: not while it tells.
        recogniser.ended(this);
      }
    }
    return true;
  }

  private void tell(Runnable call) {
    synchronized (lock) {
      if (isDead()) {
        return;
      }
    }
    call.run();
  }

  // Under the lock.

  private boolean isDead() {
    return closed || failure != null;
  }

  private void schedule() {
    schedule(System.nanoTime());
  }

  private void schedule(long sinceNs) {
    if (run == Run.IDLE && (isDead() || hasWork())) {
      run = Run.QUEUED;
      readySinceNs = sinceNs;
      recogniser.enqueue(this);
    }
  }

  private boolean hasWork() {
    // A renewed native stream may be ready by what it was fed again: needed is 0 then.
    return !flushes.isEmpty() || queue.available() >= needed;
  }

  /** Long silences are jumped over: they count for the part that is decoded. */
  private long waitingSamples() {
    return queue.stored() + Math.min(queue.available() - queue.stored(), 2 * jumpAfterSamples);
  }
}
