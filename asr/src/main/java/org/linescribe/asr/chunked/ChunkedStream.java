package org.linescribe.asr.chunked;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.stream.LegStream;
import org.linescribe.asr.stream.PauseDetector;

/** One leg in chunks. Thread: its steps, each on a virtual thread, cut and tell. */
final class ChunkedStream extends LegStream {
  /** Audio before its first word that a chunk begins with: what a model wants to hear. */
  private static final int LEAD_IN_MS = 300;

  /** Of a longer silence no more is decoded than surely ends the utterance. */
  private static final int HEARD_SILENCE_MS = 1000;

  private static final int PIECE_MS = 100;

  private final Recogniser recogniser;
  private final StreamOptions options;
  private final int maxChunks;
  private final long chunkSamples;
  private final Consumer<ChunkedStream> onEnd;
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private final PauseDetector pause;
  private final long firstPosition;
  private long position;
  private Input.@Nullable Flush flushing;

  ChunkedStream(
      Recogniser recogniser,
      LegReader audio,
      StreamOptions options,
      RecogniserListener listener,
      int maxChunks,
      long chunkMs,
      Consumer<ChunkedStream> onEnd) {
    super(audio, listener);
    this.recogniser = recogniser;
    this.options = options;
    this.maxChunks = maxChunks;
    this.chunkSamples = audio().samples(chunkMs);
    this.onEnd = onEnd;
    this.pause = new PauseDetector(audio.sampleRateHz());
    this.firstPosition = audio.position();
    this.position = firstPosition;
    audio.bound(chunkSamples);
  }

  @Override
  protected void enqueue(boolean afterStep) {
    Thread.ofVirtual().name("asr-chunked").start(() -> run(this::step));
  }

  private void step() {
    boolean moved = true;
    while (moved && !isEnding()) {
      moved = takeInput();
      moved |= tell();
      Chunk oldest = chunks.peekFirst();
      audio().hold(oldest == null ? leadInPosition() : oldest.startPosition());
    }
  }

  @Override
  protected void release() {
    chunks.forEach(Chunk::close);
    chunks.clear();
  }

  @Override
  protected void ended(boolean failed) {
    onEnd.accept(this);
  }

  private boolean takeInput() {
    boolean moved = false;
    while (flushing == null && hasSpace()) {
      @Nullable Input next = next();
      if (next == null) {
        break;
      }
      moved = true;
      switch (next) {
        case Input.Audio(short[] pcm) -> hear(pcm);
        case Input.Silence(long samples) -> passOver(samples);
        case Input.Flush flush -> {
          cut();
          flushing = flush;
        }
      }
    }
    return moved;
  }

  private boolean hasSpace() {
    Chunk open = openChunk();
    return open == null ? chunks.size() < maxChunks : !open.isFull();
  }

  private @Nullable Chunk openChunk() {
    Chunk last = chunks.peekLast();
    return last == null || last.isCut() ? null : last;
  }

  private long leadInPosition() {
    return Math.max(firstPosition, position - audio().samples(LEAD_IN_MS));
  }

  private void hear(short[] pcm) {
    Chunk chunk = openChunk();
    if (chunk == null) {
      chunk = new Chunk(recogniser, audio(), leadInPosition(), options, this::wake);
      chunks.addLast(chunk);
    }
    position += pcm.length;
    chunk.extendTo(position);
    pause.hear(pcm);
    // A lead-in's length more than ends an utterance: the chunk's last word is surely told by then.
    if (position - chunk.startPosition() >= chunkSamples
        && maxChunks > 1
        && pause.pauseMs() >= options.endpointSilence().toMillis() + LEAD_IN_MS) {
      cut();
    }
  }

  /** Passes over silence of any length: what ends the open chunk is heard, the rest only counts. */
  private void passOver(long samples) {
    long left = samples;
    long unheard =
        samples - audio().samples(options.endpointSilence().toMillis() + HEARD_SILENCE_MS);
    while (left > Math.max(0, unheard) && openChunk() != null) {
      int count = (int) Math.min(left, audio().samples(PIECE_MS));
      hear(new short[count]);
      left -= count;
    }
    if (left > 0) {
      cut();
      position += left;
    }
  }

  private void cut() {
    Chunk open = openChunk();
    if (open != null) {
      open.cut();
    }
  }

  /** Tells what the oldest chunk said, and the next one's when it is done; true when one was. */
  private boolean tell() {
    boolean moved = false;
    for (Chunk chunk = chunks.peekFirst(); chunk != null; chunk = chunks.peekFirst()) {
      if (!chunk.tell(listener())) {
        return moved;
      }
      chunk.close();
      chunks.removeFirst();
      moved = true;
    }
    Input.Flush done = flushing;
    if (done != null) {
      flushing = null;
      complete(done);
      moved = true;
    }
    return moved;
  }
}
