package org.linescribe.asr.queued;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;

/**
 * A stream whose audio waits in a bounded queue until its recogniser takes it, in turns.
 *
 * <p>What is accepted, skipped and flushed stands in one row. A <em>turn</em> takes from it by
 * {@link #next}; it is due whenever something was added, and whenever somebody calls {@link #wake}.
 * The stream ends once: by {@link #close}, by {@link #fail}, or by what a turn throws. Then {@link
 * #release} is called, flushes that are open fail, and the listener hears of a failure unless the
 * stream was closed before.
 *
 * <p>Thread: the public methods any, they only queue. Turns and {@code release} are run by the
 * workers, one at a time, and see what the turn before wrote; nothing of theirs runs under the
 * lock. Errors: what a turn or the listener throws ends this stream only.
 */
public abstract class QueuedStream implements RecogniserStream {
  private static final int PIECE_MS = 100;

  /** What waits in the row. */
  protected sealed interface Input {
    /**
     * Up to 100 ms.
     *
     * @param pcm mono, finite numbers only; the taker's
     */
    record Audio(float[] pcm) implements Input {}

    /** Time that passed without audio. */
    record Silence(long samples) implements Input {}

    /** Everything before it is to be recognised; then {@link QueuedStream#complete} it. */
    record Flush(CompletableFuture<Void> stage) implements Input {}
  }

  private final Executor workers;
  private final RecogniserListener listener;
  private final int sampleRateHz;
  private final long boundSamples;
  private final Consumer<? super QueuedStream> onEnd;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Input> row = new ArrayDeque<>();
  private final Set<CompletableFuture<Void>> openFlushes = new LinkedHashSet<>();
  private long queuedSamples;
  private boolean refused;
  private boolean turnDue;
  private boolean inTurn;
  private boolean closed;
  private @Nullable RecogniserException failure;

  /**
   * @param workers run the turns; must take every task, and may not run it at once
   * @param boundSamples audio that may wait; more is taken only when nothing waits
   * @param onEnd told of this stream when it has ended
   */
  protected QueuedStream(
      Executor workers,
      RecogniserListener listener,
      int sampleRateHz,
      long boundSamples,
      Consumer<? super QueuedStream> onEnd) {
    this.workers = workers;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.sampleRateHz = sampleRateHz;
    this.boundSamples = boundSamples;
    this.onEnd = onEnd;
  }

  // The caller's side.

  @Override
  public final boolean accept(float[] pcm, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, pcm.length);
    return locked(
        () -> {
          if (isDead()) {
            return false;
          }
          if (queuedSamples > 0 && queuedSamples + length > boundSamples) {
            refused = true;
            return false;
          }
          int piece = PIECE_MS * sampleRateHz / 1000;
          for (int at = 0; at < length; at += piece) {
            row.addLast(new Input.Audio(finite(pcm, offset + at, Math.min(piece, length - at))));
          }
          queuedSamples += length;
          requestTurn();
          return true;
        });
  }

  @Override
  public final void skip(int samples) {
    if (samples < 0) {
      throw new IllegalArgumentException("samples: " + samples + " (expected: >= 0)");
    }
    locked(
        () -> {
          if (!isDead() && samples > 0) {
            row.addLast(new Input.Silence(samples));
            requestTurn();
          }
          return true;
        });
  }

  @Override
  public final CompletionStage<Void> flush() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    RecogniserException dead =
        locked(
            () -> {
              if (isDead()) {
                return reason();
              }
              openFlushes.add(stage);
              row.addLast(new Input.Flush(stage));
              requestTurn();
              return null;
            });
    return dead != null ? CompletableFuture.failedStage(dead) : stage.minimalCompletionStage();
  }

  /** Audio that no turn is done with, in milliseconds. */
  public final long backlogMs() {
    return locked(() -> queuedSamples * 1000 / sampleRateHz);
  }

  @Override
  public final void close() {
    locked(
        () -> {
          closed = true;
          requestTurn();
          return true;
        });
  }

  /** Ends the stream with a failure. Idempotent; nothing after {@link #close}. */
  public final void fail(RecogniserException cause) {
    locked(
        () -> {
          if (!isDead()) {
            failure = cause;
          }
          requestTurn();
          return true;
        });
  }

  // The recogniser's side.

  /** Takes from the row what can be taken now. */
  protected abstract void turn();

  /** Frees what the stream owns; no turn follows. */
  protected abstract void release();

  /** A turn is due, by any thread. */
  protected final void wake() {
    locked(
        () -> {
          requestTurn();
          return true;
        });
  }

  /** What is first in the row, left there; null when nothing is, or the stream is ending. */
  protected final @Nullable Input peek() {
    return locked(() -> isDead() ? null : row.peekFirst());
  }

  /** Takes what is first in the row; null when nothing is, or the stream is ending. */
  protected final @Nullable Input next() {
    return locked(() -> isDead() ? null : row.pollFirst());
  }

  /** A turn is done with audio that it took: there is room for as much. */
  protected final void passed(Input.Audio audio) {
    boolean writable =
        locked(
            () -> {
              queuedSamples -= audio.pcm().length;
              boolean enough = refused && queuedSamples <= boundSamples / 2 && !isDead();
              refused &= !enough;
              return enough;
            });
    if (writable) {
      listener.onWritable();
    }
  }

  /** Everything before the flush was told. */
  protected final void complete(Input.Flush flush) {
    locked(() -> openFlushes.remove(flush.stage()));
    flush.stage().complete(null);
  }

  /** Told by turns only. */
  protected final RecogniserListener listener() {
    return listener;
  }

  protected final int sampleRateHz() {
    return sampleRateHz;
  }

  /** Closed or failed: nothing is to be told any more. */
  protected final boolean isEnding() {
    return locked(this::isDead);
  }

  private void run() {
    boolean dead =
        locked(
            () -> {
              turnDue = false;
              return isDead();
            });
    if (!dead) {
      try {
        turn();
      } catch (RuntimeException | Error e) {
        fail(
            e instanceof RecogniserException known
                ? known
                : new RecogniserException("a recogniser's stream failed: " + e, e));
      }
    }
    boolean over =
        locked(
            () -> {
              if (isDead()) {
                // It stays in this last turn: no other will begin.
                return true;
              }
              inTurn = false;
              if (turnDue) {
                requestTurn();
              }
              return false;
            });
    if (over) {
      end();
    }
  }

  private void end() {
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    boolean tell =
        locked(
            () -> {
              boolean unasked = !closed;
              closed = true;
              waiting.addAll(openFlushes);
              openFlushes.clear();
              row.clear();
              queuedSamples = 0;
              return unasked;
            });
    RecogniserException why = reason();
    try {
      release();
    } finally {
      onEnd.accept(this);
      waiting.forEach(stage -> stage.completeExceptionally(why));
      if (tell) {
        listener.onFailure(why);
      }
    }
  }

  // Under the lock.

  private void requestTurn() {
    turnDue = true;
    if (!inTurn) {
      inTurn = true;
      workers.execute(this::run);
    }
  }

  private boolean isDead() {
    return closed || failure != null;
  }

  private RecogniserException reason() {
    RecogniserException known = failure;
    return known != null ? known : new RecogniserException("the stream is closed");
  }

  private <T extends @Nullable Object> T locked(Supplier<T> step) {
    lock.lock();
    try {
      return step.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A copy with zero for what is not a number: one of those would hide every pause from then on.
   */
  private static float[] finite(float[] pcm, int offset, int length) {
    float[] copy = new float[length];
    for (int i = 0; i < length; i++) {
      float sample = pcm[offset + i];
      copy[i] = Float.isFinite(sample) ? sample : 0;
    }
    return copy;
  }
}
