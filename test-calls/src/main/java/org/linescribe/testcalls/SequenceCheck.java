package org.linescribe.testcalls;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Checks the sequence numbers of a transcript's finals: each exactly once and in order, from the
 * requested first.
 *
 * @param finals finals received, including repeated ones
 * @param first lowest number, 0 without finals
 * @param last highest number, 0 without finals
 * @param lost numbers between the expected first and the last that never arrived
 * @param repeated finals with a number that arrived before
 * @param outOfOrder finals that arrived after a higher number, and partials whose number is not the
 *     next final's
 */
public record SequenceCheck(
    int finals, long first, long last, int lost, int repeated, int outOfOrder) {
  /**
   * @param expectedFirst the first number that the reader requested
   */
  public static SequenceCheck of(List<ReceivedEvent> events, long expectedFirst) {
    Set<Long> seen = new HashSet<>();
    long highest = expectedFirst - 1;
    long lowest = Long.MAX_VALUE;
    int finals = 0;
    int repeated = 0;
    int outOfOrder = 0;
    for (ReceivedEvent event : events) {
      switch (event.kind()) {
        case FINAL -> {
          finals++;
          if (!seen.add(event.seq())) {
            repeated++;
          } else if (event.seq() < highest) {
            outOfOrder++;
          }
          highest = Math.max(highest, event.seq());
          lowest = Math.min(lowest, event.seq());
        }
        case PARTIAL -> {
          if (event.seq() != highest + 1) {
            outOfOrder++;
          }
        }
        case ENDED, OTHER -> {}
      }
    }
    long inRange = seen.stream().filter(seq -> seq >= expectedFirst).count();
    int lost = (int) Math.max(0, highest - expectedFirst + 1 - inRange);
    return new SequenceCheck(
        finals, finals == 0 ? 0 : lowest, finals == 0 ? 0 : highest, lost, repeated, outOfOrder);
  }

  /** No number is lost, repeated or out of order. */
  public boolean isWhole() {
    return lost == 0 && repeated == 0 && outOfOrder == 0;
  }
}
