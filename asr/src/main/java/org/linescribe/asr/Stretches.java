package org.linescribe.asr;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The stretches of a leg's timeline, in order and without gaps between the first and the last: a
 * ring that grows, because stretches come at the end and go at the beginning. Every packet of a
 * call looks here several times.
 *
 * <p>Thread: one at a time; its owner locks.
 */
final class Stretches {
  private static final int FIRST_CAPACITY = 8;

  private @Nullable Stretch[] ring = new Stretch[FIRST_CAPACITY];
  private int head;
  private int size;

  /** A stretch of the timeline; silence has no samples. */
  static final class Stretch {
    final long from;
    final short @Nullable [] pcm;
    final long appendedNs;
    long length;

    Stretch(long from, short @Nullable [] pcm, long length, long appendedNs) {
      this.from = from;
      this.pcm = pcm;
      this.length = length;
      this.appendedNs = appendedNs;
    }

    boolean isSilent() {
      return pcm == null;
    }

    /** Position behind its last sample. */
    long end() {
      return from + length;
    }
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /**
   * @param index 0 is the oldest
   */
  Stretch get(int index) {
    Stretch stretch = ring[(head + index) & (ring.length - 1)];
    if (stretch == null) {
      throw new IndexOutOfBoundsException(index + " (expected: below " + size + ")");
    }
    return stretch;
  }

  Stretch first() {
    return get(0);
  }

  Stretch last() {
    return get(size - 1);
  }

  /** Appends one that begins where the last one will end. */
  void add(Stretch stretch) {
    if (size == ring.length) {
      Stretch[] larger = new Stretch[2 * size];
      for (int i = 0; i < size; i++) {
        larger[i] = get(i);
      }
      ring = larger;
      head = 0;
    }
    ring[(head + size) & (ring.length - 1)] = stretch;
    size++;
  }

  void removeFirst() {
    get(0);
    ring[head] = null;
    head = (head + 1) & (ring.length - 1);
    size--;
    if (size == 0 && ring.length > FIRST_CAPACITY) {
      ring = Arrays.copyOf(ring, FIRST_CAPACITY);
      head = 0;
    }
  }

  /** Index of the last one that begins at or before a position; -1 where none does. */
  int floor(long position) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (get(middle).from <= position) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }
}
