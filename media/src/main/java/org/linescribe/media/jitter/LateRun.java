package org.linescribe.media.jitter;

/**
 * New packets that come one after another when their time is already filled, and why.
 *
 * <p>Either their sender's timestamps stood still while time passed (hold): a talkspurt begins with
 * the packet, or packets keep coming late by the same time for a window. Or the network was
 * stalled: then it catches up, and its packets are less and less late.
 */
final class LateRun {
  private boolean runs;
  private long sinceNs;
  private long firstLatenessSamples;

  /**
   * Looks at the newest packet of the sequence.
   *
   * @param head position up to which time is filled
   * @param latenessSamples how far its position is behind the clock's
   */
  boolean stoodStill(Slot slot, long head, long latenessSamples, long windowNs) {
    if (!slot.isAudio() || slot.position + slot.samples() > head) {
      runs = false;
      return false;
    }
    if (!runs) {
      runs = true;
      sinceNs = slot.arrivalNs;
      firstLatenessSamples = latenessSamples;
      return slot.marker;
    }
    long elapsedNs = slot.arrivalNs - sinceNs;
    return elapsedNs >= windowNs
        && latenessSamples >= firstLatenessSamples - elapsedNs / TransitClock.NS_PER_SAMPLE / 4;
  }

  void end() {
    runs = false;
  }
}
