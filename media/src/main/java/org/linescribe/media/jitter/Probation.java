package org.linescribe.media.jitter;

import org.jspecify.annotations.Nullable;

/**
 * A packet that does not belong to the source, until another one shows what it is: the first of a
 * new source, a part of the old one, or a stray.
 *
 * <p>Thread: the session's event loop.
 */
final class Probation {
  /** Numbers that two packets of one source may be apart. */
  private static final int MAX_FOLLOW = 10;

  private final SlotQueue queue;
  private final JitterCounters counters;
  private @Nullable Slot held;

  Probation(SlotQueue queue, JitterCounters counters) {
    this.queue = queue;
    this.counters = counters;
  }

  /**
   * A packet came that does not belong either. Takes it, unless the two are of one source.
   *
   * @return the packet that was on probation, where the two prove a source; both are the caller's
   */
  @Nullable Slot probe(Slot slot) {
    Slot former = held;
    if (former == null || former.ssrc != slot.ssrc) {
      replace(slot);
      return null;
    }
    int follows = former.numbersTo(slot);
    if (follows == 0) {
      counters.duplicate++;
      queue.recycle(slot);
      return null;
    }
    if (Math.abs(follows) > MAX_FOLLOW || !former.isNear(slot)) {
      replace(slot);
      return null;
    }
    held = null;
    return former;
  }

  /**
   * A packet of the source came: one on probation that goes directly before it belongs as well.
   *
   * @return that one, the caller's; null where there is none, and any other was a stray
   */
  @Nullable Slot end(Slot slot) {
    Slot former = held;
    if (former != null
        && former.ssrc == slot.ssrc
        && former.numbersTo(slot) == 1
        && slot.isTimed()
        && former.isNear(slot)) {
      held = null;
      return former;
    }
    drop();
    return null;
  }

  /** What is on probation was a stray. */
  void drop() {
    if (held != null) {
      counters.stray++;
      queue.recycle(held);
      held = null;
    }
  }

  private void replace(Slot slot) {
    drop();
    held = slot;
  }
}
