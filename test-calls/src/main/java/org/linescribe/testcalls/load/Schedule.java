package org.linescribe.testcalls.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * When each call of a stage begins: that many lines, each with one recording after the other and a
 * second between two, in which the first is hung up. The times are set before the first call and
 * wait for nothing (open loop): a gateway that answers late gets the next call all the same, and
 * the wait counts.
 *
 * @param calls in order of {@link Call#dueNs}
 * @param rampNs over which the lines begin one by one
 * @param holdNs after that, in which the measured calls begin
 */
record Schedule(List<Call> calls, long rampNs, long holdNs) {
  private static final long PAUSE_NS = 1_000_000_000L;

  /**
   * A call to be placed.
   *
   * @param dueNs from the stage's start
   * @param recording index of what is said
   * @param line which of the lines: from 0
   * @param measured whether it begins in the hold; the others only keep the load up
   */
  record Call(long dueNs, int recording, int line, boolean measured) {}

  /**
   * @param lines calls at once: from 1
   * @param durationsNs of each recording; the lines begin with different ones
   * @throws IllegalArgumentException the hold is too short to begin a call on every line
   */
  static Schedule of(int lines, Duration ramp, Duration hold, List<Long> durationsNs) {
    long longestNs = durationsNs.stream().mapToLong(ns -> ns).max().orElseThrow();
    if (hold.toNanos() < longestNs + PAUSE_NS) {
      throw new IllegalArgumentException(
          "--hold: %d ms (expected: at least %d ms, a second more than the longest recording)"
              .formatted(hold.toMillis(), (longestNs + PAUSE_NS) / 1_000_000));
    }
    long holdEndNs = ramp.toNanos() + hold.toNanos();
    List<Call> calls = new ArrayList<>();
    for (int line = 0; line < lines; line++) {
      long dueNs = ramp.toNanos() * line / lines;
      // The load stays up until the measured calls have ended.
      for (int recording = line % durationsNs.size(); dueNs < holdEndNs + longestNs; ) {
        calls.add(new Call(dueNs, recording, line, dueNs >= ramp.toNanos() && dueNs < holdEndNs));
        dueNs += durationsNs.get(recording) + PAUSE_NS;
        recording = (recording + 1) % durationsNs.size();
      }
    }
    calls.sort(Comparator.comparingLong(Call::dueNs));
    return new Schedule(List.copyOf(calls), ramp.toNanos(), hold.toNanos());
  }

  long holdEndNs() {
    return rampNs + holdNs;
  }
}
