package org.linescribe.asr.utterance;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A clock that stands until it is moved, and threads that sleep by it. Thread: any. */
final class SimulatedClock implements LongSupplier {
  private final PriorityQueue<Sleeper> sleepers =
      new PriorityQueue<>(Comparator.comparingLong((Sleeper sleeper) -> sleeper.untilNs));

  /** Ahead of the real clock, by which a leg's reader knows when it was opened. */
  private long nowNs = System.nanoTime() + TimeUnit.HOURS.toNanos(1);

  private boolean stopped;

  private static final class Sleeper {
    private final long untilNs;
    private boolean woken;

    private Sleeper(long untilNs) {
      this.untilNs = untilNs;
    }
  }

  @Override
  public synchronized long getAsLong() {
    return nowNs;
  }

  synchronized int sleeping() {
    return sleepers.size();
  }

  /** Blocks its thread until the clock has been moved on by so much. */
  synchronized void sleep(long ns) {
    Sleeper sleeper = new Sleeper(nowNs + ns);
    sleepers.add(sleeper);
    while (!sleeper.woken && !stopped) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Moves on to the first sleeper that is due by then, and wakes it; false where none is. */
  synchronized boolean wakeNext(long untilNs) {
    Sleeper next = sleepers.peek();
    if (next == null || next.untilNs > untilNs) {
      return false;
    }
    sleepers.remove();
    nowNs = Math.max(nowNs, next.untilNs);
    next.woken = true;
    notifyAll();
    return true;
  }

  synchronized void moveTo(long toNs) {
    nowNs = toNs;
  }

  /** Nobody sleeps any more. */
  synchronized void stop() {
    stopped = true;
    sleepers.clear();
    notifyAll();
  }
}
