package org.linescribe.api;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A number of places, each taken and given back. Exact: who is refused takes none, not for a
 * moment, so that nobody else is refused because of it.
 *
 * <p>Thread: any.
 */
public final class Places {
  private final int most;
  private final AtomicInteger taken = new AtomicInteger();

  public Places(int most) {
    this.most = most;
  }

  /**
   * Takes a place.
   *
   * @return false when all are taken; otherwise {@link #leave} must follow, once
   */
  public boolean enter() {
    int before = taken.getAndUpdate(now -> now < most ? now + 1 : now);
    return before < most;
  }

  /** Gives a place back. */
  public void leave() {
    taken.decrementAndGet();
  }

  /** Places that are taken now. */
  public int taken() {
    return taken.get();
  }
}
