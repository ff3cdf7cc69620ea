package org.linescribe.testcalls;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether the numbers of a transcript's finals are whole: from the first asked for, each once, in
 * order.
 *
 * @param finals finals that came, repeated ones included
 * @param first lowest number, 0 where none came
 * @param last highest number, 0 where none came
 * @param lost numbers from the expected first to the last that never came
 * @param repeated finals whose number had come before
 * @param outOfOrder finals that came after a higher number, and partials whose number is not the
 *     next final's
 */
public record NumberCheck(
    int finals, long first, long last, int lost, int repeated, int outOfOrder) {
  /**
   * @param expectedFirst the number from which the reader asked
   */
  public static NumberCheck of(List<HeardEvent> events, long expectedFirst) {
    Set<Long> seen = new HashSet<>();
    long highest = expectedFirst - 1;
    long lowest = Long.MAX_VALUE;
    int finals = 0;
    int repeated = 0;
    int outOfOrder = 0;
    for (HeardEvent event : events) {
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
    return new NumberCheck(
        finals, finals == 0 ? 0 : lowest, finals == 0 ? 0 : highest, lost, repeated, outOfOrder);
  }

  /** Nothing lost, nothing twice, nothing out of its turn. */
  public boolean isWhole() {
    return lost == 0 && repeated == 0 && outOfOrder == 0;
  }
}
