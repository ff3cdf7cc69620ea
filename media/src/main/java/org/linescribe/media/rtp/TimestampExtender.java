package org.linescribe.media.rtp;

/**
 * Unwraps 32-bit RTP timestamps to ticks that never wrap.
 *
 * <p>Each timestamp is taken to be the one nearest to the highest seen so far, up to 2^31 - 1 ticks
 * behind or 2^31 ahead (74 hours at 8 kHz). The first is itself; one from before the first may come
 * out negative.
 *
 * <p>Thread: one at a time. Source: RFC 3550 §5.1.
 */
public final class TimestampExtender {
  private boolean started;
  private long highest;

  /**
   * @param timestamp 0..2^32-1
   * @return the extended timestamp, in ticks
   */
  public long extend(long timestamp) {
    if (!started) {
      started = true;
      highest = timestamp & 0xFFFF_FFFFL;
      return highest;
    }
    long extended = preview(timestamp);
    highest = Math.max(highest, extended);
    return extended;
  }

  /** What {@link #extend} would return, without remembering it: for a timestamp not trusted yet. */
  public long preview(long timestamp) {
    if (!started) {
      return timestamp & 0xFFFF_FFFFL;
    }
    long ahead = (timestamp - highest) & 0xFFFF_FFFFL;
    return highest + (ahead <= 0x8000_0000L ? ahead : ahead - 0x1_0000_0000L);
  }

  /** The highest extended timestamp so far, 0 before the first. */
  public long highest() {
    return highest;
  }

  /** Forgets everything: the next timestamp is the first. */
  public void reset() {
    started = false;
    highest = 0;
  }
}
