package org.linescribe.app.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What breaks in a round, and when. The same seed gives the same schedule.
 *
 * @param steps by their beginning
 */
record FaultSchedule(long seed, List<Step> steps) {
  private static final int LONGEST_MS = 8000;

  /** What can break. */
  enum Kind {
    KILL,
    FREEZE,
    CUT,
    WORKER,
    DATABASE,
    REDIS,
    REDIS_EMPTY,
    DISK;

    /** Whether it is one of the gateways. */
    boolean isOfGateway() {
      return this != DATABASE && this != REDIS && this != REDIS_EMPTY;
    }

    /** Whether calls and sources of the gateway may lose words by it. */
    boolean losesWords() {
      return this == KILL || this == FREEZE || this == CUT;
    }
  }

  /**
   * One fault.
   *
   * @param gateway 0 where it is none of a gateway
   */
  record Step(Kind kind, int gateway, int atMs, int lastsMs) {
    private boolean isBeside(Step other) {
      boolean sameTarget =
          kind.isOfGateway()
              ? other.kind.isOfGateway() && gateway == other.gateway
              : !other.kind.isOfGateway()
                  && (kind == Kind.DATABASE) == (other.kind == Kind.DATABASE);
      return sameTarget
          && atMs <= other.atMs + other.lastsMs + 500
          && other.atMs <= atMs + lastsMs + 500;
    }

    @Override
    public String toString() {
      return kind
          + (kind.isOfGateway() ? " of " + gateway : "")
          + " at %.1f s for %.1f s".formatted(atMs / 1000.0, lastsMs / 1000.0);
    }
  }

  /**
   * @param kinds to choose from
   * @param withinMs when the last may begin
   */
  static FaultSchedule of(long seed, List<Kind> kinds, int gateways, int withinMs) {
    Random random = new Random(seed);
    List<Step> steps = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    while (steps.size() < count) {
      Kind kind = kinds.get(random.nextInt(kinds.size()));
      Step step =
          new Step(
              kind,
              kind.isOfGateway() ? random.nextInt(gateways) : 0,
              500 + random.nextInt(withinMs - 500),
              // Mostly short.
              200 + (int) (LONGEST_MS * Math.pow(random.nextDouble(), 2)));
      if (steps.stream().anyMatch(step::isBeside)) {
        count--;
      } else {
        steps.add(step);
      }
    }
    steps.sort((a, b) -> Integer.compare(a.atMs, b.atMs));
    return new FaultSchedule(seed, List.copyOf(steps));
  }
}
