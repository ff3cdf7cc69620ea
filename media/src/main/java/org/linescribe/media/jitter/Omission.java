package org.linescribe.media.jitter;

/**
 * Which audio was said before a moment, though it is released behind it: what waited then, and what
 * a slow network brings late, all at once. A source whose timestamps merely stood still brings
 * audio at its own pace; of that no more than {@value #PACED_SAMPLES} samples are taken for late.
 *
 * <p>Thread: the buffer's.
 */
final class Omission {
  private static final int PACED_SAMPLES = 800;

  private long until = Long.MIN_VALUE;
  private long sinceNs;
  private boolean lateCame;
  private long firstLateNs;
  private long firstLatePosition;

  /** Audio at earlier positions than that was said before now. */
  void begin(long position, long nowNs) {
    until = position;
    sinceNs = nowNs;
    lateCame = false;
  }

  /** Whether the packet, the next in order, was said before. */
  boolean omits(Slot slot) {
    if (slot.position >= until || cameAtItsPace(slot)) {
      until = Long.MIN_VALUE;
      return false;
    }
    return true;
  }

  private boolean cameAtItsPace(Slot slot) {
    if (slot.arrivalNs <= sinceNs) {
      return false;
    }
    if (!lateCame) {
      lateCame = true;
      firstLateNs = slot.arrivalNs;
      firstLatePosition = slot.position;
    }
    long samples = slot.position - firstLatePosition;
    long passed = (slot.arrivalNs - firstLateNs) / TransitClock.NS_PER_SAMPLE;
    // A network that catches up is much faster.
    return samples >= PACED_SAMPLES && 4 * passed >= 3 * samples;
  }

  /**
   * Timestamps begin anew with a packet: they do not tell how late it is, so that what arrives from
   * now on is taken for what is said then.
   */
  void anchor(long position, long arrivalNs) {
    if (until != Long.MIN_VALUE) {
      until = position + Math.max(0, sinceNs - arrivalNs) / TransitClock.NS_PER_SAMPLE;
      lateCame = false;
    }
  }

  /** Moves all positions. */
  void move(long samples) {
    if (until != Long.MIN_VALUE) {
      until += samples;
      firstLatePosition += samples;
    }
  }
}
