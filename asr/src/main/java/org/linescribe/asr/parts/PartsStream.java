package org.linescribe.asr.parts;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.pause.PauseDetector;
import org.linescribe.asr.queued.QueuedStream;

/** One leg in parts. Thread: its turns, each on a virtual thread, cut, feed and tell. */
final class PartsStream extends QueuedStream {
  private static final Executor WORKERS = turn -> Thread.ofVirtual().name("asr-parts").start(turn);

  /** Silence that a new part begins with: what a model wants before the first word. */
  private static final int LEAD_IN_MS = 300;

  /** A decoder says nothing when it has merely made room: look again after this long. */
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(2, TimeUnit.MILLISECONDS, WORKERS);

  /** Of a longer silence no more is decoded than surely ends the utterance. */
  private static final int HEARD_SILENCE_MS = 1000;

  private static final int PIECE_MS = 100;

  private final Recogniser recogniser;
  private final StreamOptions options;
  private final int maxParts;
  private final long partSamples;
  private final AtomicBoolean looksAgain = new AtomicBoolean();
  private volatile long inPartsMs;

  private final Deque<Part> parts = new ArrayDeque<>();
  private final PauseDetector pause;
  private final float[] recent;
  private long position;
  private Input.@Nullable Flush flushing;

  PartsStream(
      Recogniser recogniser,
      StreamOptions options,
      RecogniserListener listener,
      int maxParts,
      long partSamples,
      Consumer<? super QueuedStream> onEnd) {
    super(WORKERS, listener, recogniser.info().sampleRateHz(), partSamples, onEnd);
    this.recogniser = recogniser;
    this.options = options;
    this.maxParts = maxParts;
    this.partSamples = partSamples;
    this.pause = new PauseDetector(sampleRateHz());
    this.recent = new float[samples(LEAD_IN_MS)];
  }

  @Override
  public long queuedMs() {
    return backlogMs() + inPartsMs;
  }

  @Override
  protected void turn() {
    boolean moved = true;
    while (moved && !isEnding()) {
      moved = takeInput();
      parts.forEach(Part::feed);
      moved |= tell();
    }
    if (parts.stream().anyMatch(part -> part.unfedSamples() > 0)
        && looksAgain.compareAndSet(false, true)) {
      LATER.execute(
          () -> {
            looksAgain.set(false);
            wake();
          });
    }
  }

  @Override
  protected void release() {
    parts.forEach(Part::close);
    parts.clear();
    inPartsMs = 0;
  }

  private boolean takeInput() {
    boolean moved = false;
    while (flushing == null && hasRoom()) {
      @Nullable Input next = next();
      if (next == null) {
        break;
      }
      moved = true;
      switch (next) {
        case Input.Audio audio -> {
          hear(audio.pcm());
          countWaiting();
          passed(audio);
        }
        case Input.Silence(long samples) -> passOver(samples);
        case Input.Flush flush -> {
          cut();
          flushing = flush;
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
      int leadIn = (int) Math.min(position, recent.length);
      part = new Part(recogniser, beginningAt(position - leadIn), this::wake);
      parts.addLast(part);
      if (leadIn > 0) {
        part.add(Arrays.copyOfRange(recent, recent.length - leadIn, recent.length));
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

  private StreamOptions beginningAt(long startSamples) {
    return new StreamOptions(
        options.endpointSilence(),
        options.language(),
        options.startMs() + startSamples * 1000 / sampleRateHz());
  }

  /** Passes over silence of any length: what ends the open part is heard, the rest only counts. */
  private void passOver(long samples) {
    long left = samples;
    long unheard = samples - samples(options.endpointSilence().toMillis() + HEARD_SILENCE_MS);
    while (left > Math.max(0, unheard) && openPart() != null) {
      int count = (int) Math.min(left, samples(PIECE_MS));
      hear(new float[count]);
      left -= count;
    }
    if (left > 0) {
      cut();
      position += left;
      Arrays.fill(recent, 0);
    }
    countWaiting();
  }

  private void remember(float[] pcm) {
    int kept = Math.min(pcm.length, recent.length);
    System.arraycopy(recent, kept, recent, 0, recent.length - kept);
    System.arraycopy(pcm, pcm.length - kept, recent, recent.length - kept, kept);
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
      if (!part.tell(listener())) {
        countWaiting();
        return moved;
      }
      part.close();
      parts.removeFirst();
      moved = true;
    }
    countWaiting();
    Input.Flush done = flushing;
    if (done != null) {
      flushing = null;
      complete(done);
      moved = true;
    }
    return moved;
  }

  private void countWaiting() {
    inPartsMs =
        parts.stream()
            .mapToLong(part -> part.unfedSamples() * 1000 / sampleRateHz() + part.queuedMs())
            .sum();
  }

  private int samples(long ms) {
    return (int) (ms * sampleRateHz() / 1000);
  }
}
