package org.linescribe.asr.scheduler;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * A stream's undecoded audio in order: samples in a ring that grows up to a bound, and runs of
 * silence that cost no memory. Positions are samples since the queue was made.
 *
 * <p>Thread: guarded by its stream's lock.
 */
final class AudioQueue {
  private final int boundSamples;
  private final int initialSamples;
  private final int markSpacingSamples;
  private final ArrayDeque<Run> runs = new ArrayDeque<>();
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private float[] ring;
  private int head;
  private int stored;
  private long silence;
  private long polled;

  AudioQueue(int boundSamples, int sampleRateHz) {
    this.boundSamples = boundSamples;
    this.initialSamples = Math.min(boundSamples, sampleRateHz / 2);
    this.markSpacingSamples = sampleRateHz / 10;
    this.ring = new float[initialSamples];
  }

  /**
   * Appends a copy, with zero for what is not a finite number.
   *
   * @return how many samples were not finite, or -1 when there is no room and nothing was taken
   */
  int offer(float[] pcm, int offset, int length, long nowNs) {
    if (stored + length > boundSamples) {
      return -1;
    }
    grow(stored + length);
    mark(nowNs);
    int broken = 0;
    int at = (head + stored) % ring.length;
    int first = Math.min(length, ring.length - at);
    System.arraycopy(pcm, offset, ring, at, first);
    System.arraycopy(pcm, offset + first, ring, 0, length - first);
    for (int i = 0; i < length; i++) {
      if (!Float.isFinite(pcm[offset + i])) {
        ring[(at + i) % ring.length] = 0;
        broken++;
      }
    }
    stored += length;
    append(length, false);
    return broken;
  }

  void skip(long samples, long nowNs) {
    mark(nowNs);
    silence += samples;
    append(samples, true);
  }

  /** Moves up to {@code limit} samples out, silence as zeros; returns how many. */
  int poll(float[] into, int limit) {
    int moved = 0;
    while (moved < limit && !runs.isEmpty()) {
      Run run = runs.peek();
      int part = (int) Math.min(limit - moved, run.length);
      if (run.silent) {
        Arrays.fill(into, moved, moved + part, 0);
        silence -= part;
      } else {
        int first = Math.min(part, ring.length - head);
        System.arraycopy(ring, head, into, moved, first);
        System.arraycopy(ring, 0, into, moved + first, part - first);
        head = (head + part) % ring.length;
        stored -= part;
      }
      consume(run, part);
      moved += part;
    }
    if (stored == 0 && ring.length > initialSamples) {
      ring = new float[initialSamples];
      head = 0;
    }
    return moved;
  }

  /** Length of the silence at the head, 0 when audio comes first. */
  long headSilence() {
    Run run = runs.peek();
    return run != null && run.silent ? run.length : 0;
  }

  /** Drops up to {@code samples} of the silence at the head; returns how many. */
  long jump(long samples) {
    long part = Math.min(samples, headSilence());
    if (part > 0) {
      silence -= part;
      consume(runs.element(), part);
    }
    return part;
  }

  /** All samples waiting, silence included. */
  long available() {
    return stored + silence;
  }

  /** Samples of audio waiting, which the bound is about. */
  int stored() {
    return stored;
  }

  int bound() {
    return boundSamples;
  }

  /** Position of the next sample to be polled. */
  long polledPosition() {
    return polled;
  }

  /** Position behind the last sample that was offered. */
  long offeredPosition() {
    return polled + available();
  }

  /** When the sample at the head was offered, as far as marks tell; {@code nowNs} when empty. */
  long headOfferedNs(long nowNs) {
    Mark mark = marks.peek();
    return available() == 0 || mark == null ? nowNs : mark.offeredNs;
  }

  void clear() {
    polled = offeredPosition();
    runs.clear();
    marks.clear();
    ring = new float[0];
    head = 0;
    stored = 0;
    silence = 0;
  }

  private void consume(Run run, long part) {
    polled += part;
    run.length -= part;
    if (run.length == 0) {
      runs.remove();
    }
    // The head's mark is the last one at or before it.
    while (marks.size() > 1 && second(marks).position <= polled) {
      marks.remove();
    }
    if (available() == 0) {
      marks.clear();
    }
  }

  private static Mark second(ArrayDeque<Mark> marks) {
    var iterator = marks.iterator();
    iterator.next();
    return iterator.next();
  }

  private void mark(long nowNs) {
    Mark last = marks.peekLast();
    if (last == null || offeredPosition() - last.position >= markSpacingSamples) {
      marks.add(new Mark(offeredPosition(), nowNs));
    }
  }

  private void append(long length, boolean silent) {
    Run last = runs.peekLast();
    if (last != null && last.silent == silent) {
      last.length += length;
    } else if (length > 0) {
      runs.add(new Run(length, silent));
    }
  }

  private void grow(int needed) {
    if (needed <= ring.length) {
      return;
    }
    float[] larger = new float[Math.min(boundSamples, Math.max(needed, ring.length * 2))];
    int first = Math.min(stored, ring.length - head);
    System.arraycopy(ring, head, larger, 0, first);
    System.arraycopy(ring, 0, larger, first, stored - first);
    ring = larger;
    head = 0;
  }

  private record Mark(long position, long offeredNs) {}

  private static final class Run {
    private long length;
    private final boolean silent;

    Run(long length, boolean silent) {
      this.length = length;
      this.silent = silent;
    }
  }
}
