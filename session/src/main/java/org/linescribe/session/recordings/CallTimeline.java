package org.linescribe.session.recordings;

import java.util.Arrays;

/**
 * Puts the audio of a call's legs side by side: each leg a channel, each sample at its place on the
 * leg's timeline.
 *
 * <p>A leg that brings nothing does not hold the others up for ever: what is {@code maxSkew} ahead
 * of it goes out with silence in its place, and what it brings for that time later is dropped.
 *
 * <p>Thread: one.
 */
final class CallTimeline {
  private final int maxSkewSamples;
  private final long[] positions;
  private final short[][] waiting;
  private long frames;

  /**
   * @param maxSkewSamples how far one leg may be ahead of another
   */
  CallTimeline(int legs, int maxSkewSamples) {
    this.maxSkewSamples = maxSkewSamples;
    this.positions = new long[legs];
    this.waiting = new short[legs][0];
  }

  /** Appends audio to a leg's timeline. */
  void write(int leg, short[] pcm) {
    long from = positions[leg];
    positions[leg] += pcm.length;
    int late = Math.clamp(frames - from, 0, pcm.length);
    int at = (int) (from + late - frames);
    int end = at + pcm.length - late;
    if (late < pcm.length) {
      reserve(leg, end);
      System.arraycopy(pcm, late, waiting[leg], at, pcm.length - late);
    }
  }

  /** Appends silence to a leg's timeline. */
  void skip(int leg, long samples) {
    positions[leg] += samples;
  }

  private void reserve(int leg, int samples) {
    if (waiting[leg].length < samples) {
      waiting[leg] = Arrays.copyOf(waiting[leg], Math.max(samples, waiting[leg].length * 2));
    }
  }

  /** Frames that every leg has reached, or the one ahead by more than the skew. */
  long ready() {
    long slowest = Arrays.stream(positions).min().orElseThrow();
    return Math.max(slowest, end() - maxSkewSamples) - frames;
  }

  /** Frames up to the end of the longest leg. */
  long left() {
    return end() - frames;
  }

  private long end() {
    return Arrays.stream(positions).max().orElseThrow();
  }

  /** Takes frames from the front, interleaved; those that no leg brought are silence. */
  short[] take(int count) {
    int legs = positions.length;
    short[] interleaved = new short[count * legs];
    for (int leg = 0; leg < legs; leg++) {
      short[] samples = waiting[leg];
      int held = Math.min(count, samples.length);
      for (int i = 0; i < held; i++) {
        interleaved[i * legs + leg] = samples[i];
      }
      int rest = samples.length - held;
      System.arraycopy(samples, held, samples, 0, rest);
      Arrays.fill(samples, rest, samples.length, (short) 0);
    }
    frames += count;
    return interleaved;
  }
}
