package org.linescribe.asr.parts;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/**
 * One leg in parts.
 *
 * <p>Thread: the caller's side only queues; a virtual thread of its own cuts, feeds and tells.
 */
final class PartsStream implements RecogniserStream {
  /** Silence that a new part begins with: what a model wants before the first word. */
  private static final int LEAD_IN_MS = 300;

  /** A decoder says nothing when it has merely made room: look again after this long. */
  private static final long LOOK_AGAIN_MS = 2;

  private static final int PIECE_MS = 100;

  private sealed interface Input {
    record Audio(float[] pcm) implements Input {}

    record Silence(int samples) implements Input {}

    record Flush(CompletableFuture<Void> stage) implements Input {}
  }

  private final Recogniser recogniser;
  private final StreamOptions options;
  private final RecogniserListener listener;
  private final int maxParts;
  private final long partSamples;
  private final int sampleRateHz;
  private final Consumer<PartsStream> onEnd;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Input> input = new ArrayDeque<>();
  private long inputSamples;
  private boolean refused;
  private boolean woken;
  private boolean closed;
  private @Nullable RecogniserException failure;
  private volatile long inPartsMs;

  // The own thread's.
  private final Deque<Part> parts = new ArrayDeque<>();
  private final PauseDetector pause;
  private float[] recent;
  private long position;
  private @Nullable Flush pending;

  private record Flush(CompletableFuture<Void> stage) {}

  PartsStream(
      Recogniser recogniser,
      StreamOptions options,
      RecogniserListener listener,
      int maxParts,
      long partSamples,
      Consumer<PartsStream> onEnd) {
    this.recogniser = recogniser;
    this.options = options;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.maxParts = maxParts;
    this.partSamples = partSamples;
    this.sampleRateHz = recogniser.info().sampleRateHz();
    this.onEnd = onEnd;
    this.pause = new PauseDetector(sampleRateHz);
    this.recent = new float[LEAD_IN_MS * sampleRateHz / 1000];
  }

  void start() {
    Thread.ofVirtual().name("asr-parts").start(this::run);
  }

  // The caller's side.

  @Override
  public boolean accept(float[] pcm, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, pcm.length);
    lock.lock();
    try {
      if (closed || failure != null) {
        return false;
      }
      if (inputSamples > 0 && inputSamples + length > partSamples) {
        refused = true;
        return false;
      }
      int piece = PIECE_MS * sampleRateHz / 1000;
      for (int at = 0; at < length; at += piece) {
        input.addLast(
            new Input.Audio(
                Arrays.copyOfRange(pcm, offset + at, offset + Math.min(length, at + piece))));
      }
      inputSamples += length;
      wake();
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
        wake();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long queuedMs() {
    lock.lock();
    try {
      return inputSamples * 1000 / sampleRateHz + inPartsMs;
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
      wake();
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
      wake();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stream with a failure, by any thread. */
  void fail(RecogniserException cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      wake();
    } finally {
      lock.unlock();
    }
  }

  private void wakeUp() {
    lock.lock();
    try {
      wake();
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    woken = true;
    changed.signal();
  }

  // The own thread's side.

  private void run() {
    try {
      while (!isDead()) {
        step();
        await();
      }
    } catch (InterruptedException e) {
      fail(new RecogniserException("the stream was interrupted", e));
    } catch (RuntimeException | Error e) {
      fail(
          e instanceof RecogniserException known
              ? known
              : new RecogniserException("a stream in parts failed: " + e, e));
    } finally {
      end();
    }
  }

  private void step() {
    boolean moved = true;
    while (moved && !isDead()) {
      moved = takeInput();
      for (Part part : parts) {
        part.feed();
      }
      moved |= tell();
      inPartsMs =
          parts.stream()
              .mapToLong(part -> part.unfedSamples() * 1000 / sampleRateHz + part.queuedMs())
              .sum();
    }
    boolean writable;
    lock.lock();
    try {
      writable = refused && inputSamples <= partSamples / 2;
      refused &= !writable;
    } finally {
      lock.unlock();
    }
    if (writable) {
      listener.onWritable();
    }
  }

  private boolean takeInput() {
    boolean moved = false;
    while (pending == null && hasRoom()) {
      Input next;
      lock.lock();
      try {
        next = input.peekFirst();
        if (next == null) {
          return moved;
        }
        input.removeFirst();
        if (next instanceof Input.Audio audio) {
          inputSamples -= audio.pcm().length;
        }
      } finally {
        lock.unlock();
      }
      moved = true;
      switch (next) {
        case Input.Audio audio -> hear(audio.pcm());
        case Input.Silence silence -> skipSilence(silence.samples());
        case Input.Flush flush -> {
          cut();
          pending = new Flush(flush.stage());
        }
      }
    }
    return moved;
  }

  private boolean hasRoom() {
    Part open = openPart();
    return open == null ? parts.size() < maxParts : open.unfedSamples() < partSamples;
  }

  private @Nullable Part openPart() {
    Part last = parts.peekLast();
    return last == null || last.isCut() ? null : last;
  }

  private void hear(float[] pcm) {
    Part part = openPart();
    if (part == null) {
      boolean fresh = position == 0;
      long leadIn = fresh ? 0 : recent.length;
      part =
          new Part(
              recogniser,
              new StreamOptions(
                  options.endpointSilence(),
                  options.language(),
                  options.startMs() + (position - leadIn) * 1000 / sampleRateHz),
              this::wakeUp);
      parts.addLast(part);
      if (!fresh) {
        part.add(recent.clone());
      }
    }
    part.add(pcm);
    position += pcm.length;
    remember(pcm);
    pause.hear(pcm, 0, pcm.length);
    // A lead-in's length more than ends an utterance: the part's last word is surely told by then.
    if (part.samples() >= partSamples
        && maxParts > 1
        && pause.pauseMs() >= options.endpointSilence().toMillis() + LEAD_IN_MS) {
      cut();
    }
  }

  private void skipSilence(int samples) {
    for (int left = samples; left > 0; ) {
      int count = Math.min(left, PIECE_MS * sampleRateHz / 1000);
      hear(new float[count]);
      left -= count;
    }
  }

  private void remember(float[] pcm) {
    if (pcm.length >= recent.length) {
      System.arraycopy(pcm, pcm.length - recent.length, recent, 0, recent.length);
    } else {
      System.arraycopy(recent, pcm.length, recent, 0, recent.length - pcm.length);
      System.arraycopy(pcm, 0, recent, recent.length - pcm.length, pcm.length);
    }
  }

  private void cut() {
    Part open = openPart();
    if (open != null) {
      open.cut();
    }
  }

  /** Tells what the oldest part said, and the next one's when it is done; true when one was. */
  private boolean tell() {
    boolean moved = false;
    for (Part part = parts.peekFirst(); part != null; part = parts.peekFirst()) {
      if (!part.tell(listener, this::fail)) {
        return moved;
      }
      part.close();
      parts.removeFirst();
      moved = true;
    }
    Flush done = pending;
    if (done != null) {
      pending = null;
      inPartsMs = 0;
      done.stage().complete(null);
      moved = true;
    }
    return moved;
  }

  private void await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (woken || isDead()) {
        woken = false;
        return;
      }
      if (parts.stream().anyMatch(part -> part.unfedSamples() > 0)) {
        changed.await(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS);
      } else {
        changed.await();
      }
      woken = false;
    } finally {
      lock.unlock();
    }
  }

  private boolean isDead() {
    lock.lock();
    try {
      return closed || failure != null;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    RecogniserException cause;
    boolean wasClosed;
    Deque<CompletableFuture<Void>> waiting = new ArrayDeque<>();
    if (pending != null) {
      waiting.add(pending.stage());
    }
    lock.lock();
    try {
      cause = failure;
      wasClosed = closed;
      for (Input left : input) {
        if (left instanceof Input.Flush flush) {
          waiting.add(flush.stage());
        }
      }
      input.clear();
      inputSamples = 0;
      closed = true;
    } finally {
      lock.unlock();
    }
    parts.forEach(Part::close);
    parts.clear();
    inPartsMs = 0;
    onEnd.accept(this);
    RecogniserException why =
        cause != null ? cause : new RecogniserException("the stream is closed");
    waiting.forEach(stage -> stage.completeExceptionally(why));
    if (cause != null && !wasClosed) {
      listener.onFailure(cause);
    }
  }
}
