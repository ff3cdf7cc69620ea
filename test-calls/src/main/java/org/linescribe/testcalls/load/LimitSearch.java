package org.linescribe.testcalls.load;

/**
 * Finds how many calls a gateway takes: doubles until a stage misses its bounds, then halves the
 * gap until it is a tenth of what was met. Thread: one.
 */
final class LimitSearch {
  private final int most;
  private int met;
  private int missed;
  private int next;

  /**
   * @param first calls of the first stage
   * @param most calls of the largest stage
   */
  LimitSearch(int first, int most) {
    this.next = Math.min(first, most);
    this.most = most;
    this.missed = most + 1;
  }

  /** Calls of the next stage; 0: the search is done. */
  int next() {
    return next;
  }

  /** The stage of {@link #next} is over. */
  void ended(boolean metItsBounds) {
    if (metItsBounds) {
      met = next;
    } else {
      missed = next;
    }
    int gap = missed - met;
    if (missed > most) {
      next = met == most ? 0 : Math.min(most, 2 * met);
    } else {
      next = gap <= Math.max(1, met / 10) ? 0 : met + gap / 2;
    }
  }

  /** The most calls that met their bounds; 0: not even the fewest that were tried. */
  int limit() {
    return met;
  }

  /** Whether the search ended at the most that it may try. */
  boolean isCutOff() {
    return met == most;
  }
}
