package org.linescribe.media.jitter;

import java.util.Arrays;

/** Which of the last 128 sequence numbers have arrived. */
final class SeenNumbers {
  private static final int SPAN = 128;

  private final long[] numberAt = new long[SPAN];

  SeenNumbers() {
    clear();
  }

  /** Remembers the number; true where it is new. */
  boolean add(long extendedSequenceNumber) {
    int at = Math.floorMod(extendedSequenceNumber, SPAN);
    if (numberAt[at] == extendedSequenceNumber) {
      return false;
    }
    numberAt[at] = Math.max(numberAt[at], extendedSequenceNumber);
    return true;
  }

  void clear() {
    Arrays.fill(numberAt, Long.MIN_VALUE);
  }
}
