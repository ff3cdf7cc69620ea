package org.linescribe.asr.offline;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;

/**
 * One leg. Thread: the caller's side only queues; a decode thread takes it from there, one at a
 * time.
 */
final class OfflineStream implements RecogniserStream {
  private static final int PIECE_MS = 100;

  /** Pieces that a stream may keep a thread for while others wait. */
  private static final int PIECES_PER_TURN = 50;

  private sealed interface Input {
    record Audio(float[] pcm) implements Input {}

    record Silence(long samples) implements Input {}

    record Flush(CompletableFuture<Void> stage) implements Input {}
  }

  private final Executor workers;
  private final RecogniserListener listener;
  private final OpenUtterance utterance;
  private final int rateHz;
  private final int boundSamples;
  private final Consumer<OfflineStream> onEnd;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Input> input = new ArrayDeque<>();
  private int queuedSamples;
  private boolean refused;
  private boolean scheduled;
  private boolean closed;
  private boolean ended;
  private @Nullable RecogniserException failure;

  OfflineStream(
      Executor workers,
      RecogniserListener listener,
      OpenUtterance utterance,
      int rateHz,
      int boundSamples,
      Consumer<OfflineStream> onEnd) {
    this.workers = workers;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.utterance = utterance;
    this.rateHz = rateHz;
    this.boundSamples = boundSamples;
    this.onEnd = onEnd;
  }

  @Override
  public boolean accept(float[] pcm, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, pcm.length);
    lock.lock();
    try {
      if (closed || failure != null) {
        return false;
      }
      if (queuedSamples > 0 && queuedSamples + length > boundSamples) {
        refused = true;
        return false;
      }
      int piece = PIECE_MS * rateHz / 1000;
      for (int at = 0; at < length; at += piece) {
        input.addLast(
            new Input.Audio(
                Arrays.copyOfRange(pcm, offset + at, offset + Math.min(length, at + piece))));
      }
      queuedSamples += length;
      schedule();
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void skip(int samples) {
    lock.lock();
    try {
      if (!closed && failure == null && samples > 0) {
        input.addLast(new Input.Silence(samples));
        schedule();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What a replacement would have to be told again, the open window included. */
  @Override
  public long queuedMs() {
    return backlogMs() + utterance.undecidedMs();
  }

  /** Audio that no thread has taken yet. */
  long backlogMs() {
    lock.lock();
    try {
      return queuedSamples * 1000L / rateHz;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<Void> flush() {
    lock.lock();
    try {
      if (failure != null) {
        return CompletableFuture.failedStage(failure);
      }
      if (closed) {
        return CompletableFuture.failedStage(new RecogniserException("the stream is closed"));
      }
      CompletableFuture<Void> stage = new CompletableFuture<>();
      input.addLast(new Input.Flush(stage));
      schedule();
      return stage.minimalCompletionStage();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      schedule();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stream with a failure, by any thread. */
  void fail(RecogniserException cause) {
    lock.lock();
    try {
      if (failure == null && !closed) {
        failure = cause;
      }
      schedule();
    } finally {
      lock.unlock();
    }
  }

  private void schedule() {
    if (!scheduled && !ended) {
      scheduled = true;
      workers.execute(this::turn);
    }
  }

  private void turn() {
    try {
      for (int i = 0; i < PIECES_PER_TURN && step(); i++) {
        // One piece after the other.
      }
    } catch (RuntimeException | Error e) {
      fail(
          e instanceof RecogniserException known
              ? known
              : new RecogniserException("decoding failed: " + e, e));
    }
    boolean over;
    lock.lock();
    try {
      over = closed || failure != null;
      scheduled = false;
      if (!over && !input.isEmpty()) {
        schedule();
      }
    } finally {
      lock.unlock();
    }
    if (over) {
      end();
    }
  }

  /** Takes what is next; false when there is nothing. */
  private boolean step() {
    Input next;
    boolean more;
    boolean writable = false;
    lock.lock();
    try {
      next = closed || failure != null ? null : input.pollFirst();
      more = input.peekFirst() instanceof Input.Audio;
    } finally {
      lock.unlock();
    }
    if (next == null) {
      return false;
    }
    switch (next) {
      case Input.Audio(float[] pcm) -> {
        utterance.hear(pcm, more);
        lock.lock();
        try {
          queuedSamples -= pcm.length;
          writable = refused && queuedSamples <= boundSamples / 2;
          refused &= !writable;
        } finally {
          lock.unlock();
        }
      }
      case Input.Silence(long samples) -> utterance.skip(samples);
      case Input.Flush(CompletableFuture<Void> stage) -> {
        try {
          utterance.finish();
        } catch (RuntimeException | Error e) {
          stage.completeExceptionally(e);
          throw e;
        }
        stage.complete(null);
      }
    }
    if (writable) {
      listener.onWritable();
    }
    return true;
  }

  private void end() {
    RecogniserException cause;
    boolean tell;
    Deque<CompletableFuture<Void>> waiting = new ArrayDeque<>();
    lock.lock();
    try {
      if (ended) {
        return;
      }
      ended = true;
      cause = failure;
      tell = !closed;
      for (Input left : input) {
        if (left instanceof Input.Flush(CompletableFuture<Void> stage)) {
          waiting.add(stage);
        }
      }
      input.clear();
      queuedSamples = 0;
      closed = true;
    } finally {
      lock.unlock();
    }
    onEnd.accept(this);
    RecogniserException why =
        cause != null ? cause : new RecogniserException("the stream is closed");
    waiting.forEach(stage -> stage.completeExceptionally(why));
    if (cause != null && tell) {
      listener.onFailure(cause);
    }
  }
}
