package org.linescribe.session.pipeline;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * A leg's audio from the end of the last durable final on: what waits for the recogniser, and what
 * it has taken but might have to be told again.
 *
 * <p>Kept as the source's own rate in 16 bit, a fifth of a recogniser's 16 kHz floats; lost audio
 * takes no room. Thread: the leg's lock.
 */
final class RetainedAudio {
  /** A piece of the timeline, in samples of the leg; null stands for silence. */
  record Chunk(long startSample, int length, short @Nullable [] pcm) {
    long endSample() {
      return startSample + length;
    }

    private Chunk from(long sample) {
      int cut = Math.toIntExact(sample - startSample);
      return new Chunk(
          sample, length - cut, pcm == null ? null : Arrays.copyOfRange(pcm, cut, length));
    }
  }

  private static final long MAX_SILENCE_SAMPLES = 1 << 24;

  private final int chunkSamples;
  private final Deque<Chunk> fed = new ArrayDeque<>();
  private final Deque<Chunk> unfed = new ArrayDeque<>();
  private long endSample;
  private long fedSamples;
  private long unfedSamples;

  RetainedAudio(int chunkSamples) {
    this.chunkSamples = chunkSamples;
  }

  void append(float[] pcm, int offset, int length) {
    for (int done = 0; done < length; ) {
      int count = Math.min(chunkSamples, length - done);
      short[] kept = new short[count];
      for (int i = 0; i < count; i++) {
        int value = Math.round(pcm[offset + done + i] * 32768f);
        kept[i] = (short) Math.clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
      }
      add(new Chunk(endSample, count, kept));
      done += count;
    }
  }

  void appendSilence(int samples) {
    if (samples == 0) {
      return;
    }
    Chunk last = unfed.peekLast();
    if (last != null && last.pcm == null && last.length + (long) samples <= MAX_SILENCE_SAMPLES) {
      // Silence behind a recogniser that takes nothing grows by its length, not by its pieces.
      unfed.removeLast();
      unfed.addLast(new Chunk(last.startSample, last.length + samples, null));
      endSample += samples;
      unfedSamples += samples;
    } else {
      add(new Chunk(endSample, samples, null));
    }
  }

  private void add(Chunk chunk) {
    unfed.addLast(chunk);
    endSample += chunk.length;
    unfedSamples += chunk.length;
  }

  @Nullable Chunk next() {
    return unfed.peekFirst();
  }

  void fedNext() {
    Chunk chunk = unfed.removeFirst();
    fed.addLast(chunk);
    unfedSamples -= chunk.length;
    fedSamples += chunk.length;
  }

  /** Everything kept is to be fed again; returns the position of its first sample. */
  long rewind() {
    for (Iterator<Chunk> newestFirst = fed.descendingIterator(); newestFirst.hasNext(); ) {
      unfed.addFirst(newestFirst.next());
    }
    fed.clear();
    unfedSamples += fedSamples;
    fedSamples = 0;
    Chunk first = unfed.peekFirst();
    return first == null ? endSample : first.startSample;
  }

  /** Forgets what was fed and lies before a position. */
  void forgetBefore(long sample) {
    while (!fed.isEmpty() && fed.peekFirst().startSample < sample) {
      Chunk first = fed.removeFirst();
      fedSamples -= first.length;
      if (first.endSample() > sample) {
        Chunk rest = first.from(sample);
        fed.addFirst(rest);
        fedSamples += rest.length;
        return;
      }
    }
  }

  long endSample() {
    return endSample;
  }

  long fedSamples() {
    return fedSamples;
  }

  long unfedSamples() {
    return unfedSamples;
  }
}
