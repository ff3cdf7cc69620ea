package org.linescribe.asr.stream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;

/**
 * A recogniser's stream on one leg, worked on in <em>steps</em>: a worker reads what there is,
 * tells the listener, and gives the stream back. One step at a time; the next is due when audio
 * came, a flush was asked for, or somebody calls {@link #wake}.
 *
 * <p>A stream ends once: by {@link #close}, by {@link #fail}, or by what a step or the listener
 * throws. Then {@link #release} is called, open flushes fail, and the listener is told of a failure
 * unless the stream was closed before.
 *
 * <p>Thread: the public methods any, they only schedule. Steps and {@code release} belong to the
 * workers and see what the step before wrote. No listener is called under the lock.
 */
public abstract class LegStream implements RecogniserStream {
  private static final int PIECE_MS = 100;

  /** What is next in the leg's audio. */
  protected sealed interface Input {
    /**
     * Up to 100 ms.
     *
     * @param pcm mono, 16-bit, at the leg's rate; the taker's
     */
    record Audio(short[] pcm) implements Input {}

    /** Time that passed without audio, in samples of the leg. */
    record Silence(long samples) implements Input {}

    /** Everything before the position is to be recognised; then {@link #complete} it. */
    record Flush(long position, CompletableFuture<Void> stage) implements Input {}
  }

  private enum Run {
    IDLE,
    QUEUED,
    IN_STEP,
    ENDED
  }

  private final LegReader audio;
  private final RecogniserListener listener;
  private final Object lock = new Object();
  private final ArrayDeque<Input.Flush> flushes = new ArrayDeque<>();
  private Run run = Run.IDLE;
  private boolean due;
  private boolean closed;
  private boolean ended;
  private @Nullable RecogniserException failure;

  /**
   * @param audio owned by the stream from now on
   */
  protected LegStream(LegReader audio, RecogniserListener listener) {
    this.audio = audio;
    this.listener = Objects.requireNonNull(listener, "listener");
  }

  /** Begins to read; once, when the stream is ready for steps. */
  public final void start() {
    audio.onAudio(this::wake);
    wake();
  }

  // The caller's side.

  @Override
  public final CompletionStage<Void> flush() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    synchronized (lock) {
      if (isDead()) {
        return CompletableFuture.failedStage(reason());
      }
      flushes.add(new Input.Flush(audio.end(), stage));
      due = true;
      schedule();
    }
    return stage.minimalCompletionStage();
  }

  @Override
  public final void close() {
    audio.close();
    synchronized (lock) {
      closed = true;
      schedule();
    }
  }

  /** Ends the stream with a failure. Idempotent; nothing after {@link #close}. */
  public final void fail(RecogniserException cause) {
    audio.close();
    synchronized (lock) {
      if (!isDead()) {
        failure = cause;
      }
      schedule();
    }
  }

  /** Audio that waits: the smaller of its length and its age. */
  public final long backlogMs(long nowNs) {
    return audio.backlogMs(nowNs);
  }

  // What a recogniser brings.

  /**
   * Hands the stream to a worker, which takes a step. Called under the lock: must not run it.
   *
   * @param afterStep there is more to do at the end of a step
   */
  protected abstract void enqueue(boolean afterStep);

  /** Frees what the stream owns; no step follows. */
  protected abstract void release();

  /** The stream has ended and has told all. */
  protected abstract void ended(boolean failed);

  /** Whether there is something to do in a step; asked under the lock. */
  protected boolean hasWork() {
    return due;
  }

  // The recogniser's side.

  /** A step is due, by any thread. */
  protected final void wake() {
    synchronized (lock) {
      due = true;
      schedule();
    }
  }

  /** A whole step, where it is no steps of its own. */
  protected final void run(Runnable step) {
    if (begin()) {
      try {
        step.run();
      } catch (RuntimeException | Error e) {
        failWith(e);
      }
    }
    giveBack();
  }

  /** A step begins; false when the stream is dead, which it has ended then. */
  protected final boolean begin() {
    synchronized (lock) {
      run = Run.IN_STEP;
      due = false;
      if (!isDead()) {
        return true;
      }
    }
    end();
    return false;
  }

  /** The step is over. */
  protected final void giveBack() {
    synchronized (lock) {
      run = ended ? Run.ENDED : Run.IDLE;
      schedule(true);
    }
  }

  /** A failure in a step, a listener's included: it ends this stream only. */
  protected final void failWith(Throwable e) {
    fail(
        e instanceof RecogniserException known
            ? known
            : new RecogniserException("a recogniser's stream failed: " + e, e));
  }

  /** Calls the listener unless the stream is ending. */
  protected final void tell(Runnable call) {
    if (!isEnding()) {
      call.run();
    }
  }

  protected final RecogniserListener listener() {
    return listener;
  }

  protected final LegReader audio() {
    return audio;
  }

  /** Closed or failed: nothing is to be told any more. */
  protected final boolean isEnding() {
    synchronized (lock) {
      return isDead();
    }
  }

  /** The oldest flush that is not complete. */
  protected final Input.@Nullable Flush pendingFlush() {
    synchronized (lock) {
      return flushes.peek();
    }
  }

  /** Whether audio is next, in front of any silence or flush. */
  protected final boolean isAudioNext() {
    return !isEnding() && ahead() > 0 && audio.audio(1) > 0;
  }

  /**
   * Takes what is next; null when nothing is, or the stream is ending. A flush stays until done.
   */
  protected final @Nullable Input next() {
    if (isEnding()) {
      return null;
    }
    long ahead = ahead();
    if (ahead <= 0) {
      return pendingFlush();
    }
    long silence = Math.min(audio.silence(), ahead);
    if (silence > 0) {
      audio.skip(silence);
      return new Input.Silence(silence);
    }
    int piece = (int) Math.min(ahead, (long) PIECE_MS * audio.sampleRateHz() / 1000);
    short[] pcm = new short[audio.audio(piece)];
    return pcm.length == 0 || audio.read(pcm, pcm.length) == 0 ? null : new Input.Audio(pcm);
  }

  /** Samples before the next flush. */
  private long ahead() {
    Input.Flush flush = pendingFlush();
    return flush == null ? Long.MAX_VALUE : flush.position() - audio.position();
  }

  /** Everything before the flush was told. */
  protected final void complete(Input.Flush flush) {
    synchronized (lock) {
      flushes.remove(flush);
    }
    flush.stage().complete(null);
  }

  private void end() {
    List<Input.Flush> waiting;
    boolean tells;
    RecogniserException why;
    boolean failed;
    synchronized (lock) {
      tells = !closed;
      failed = failure != null;
      why = reason();
      closed = true;
      ended = true;
      waiting = new ArrayList<>(flushes);
      flushes.clear();
    }
    try {
      release();
    } finally {
      waiting.forEach(flush -> flush.stage().completeExceptionally(why));
      try {
        if (tells) {
          listener.onFailure(why);
        }
      } finally {
        // Last: a recogniser that closes waits for its streams, and must not end before they told.
        ended(failed);
      }
    }
  }

  // Under the lock.

  private void schedule() {
    schedule(false);
  }

  private void schedule(boolean afterStep) {
    if (run == Run.IDLE && (isDead() || hasWork())) {
      run = Run.QUEUED;
      enqueue(afterStep);
    }
  }

  private boolean isDead() {
    return closed || failure != null;
  }

  private RecogniserException reason() {
    RecogniserException known = failure;
    return known != null ? known : new RecogniserException("the stream is closed");
  }
}
