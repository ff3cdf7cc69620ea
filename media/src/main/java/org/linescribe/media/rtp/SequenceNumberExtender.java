package org.linescribe.media.rtp;

/**
 * Unwraps 16-bit sequence numbers to a count that never wraps.
 *
 * <p>Each number is taken to be the one nearest to the highest seen so far, up to 32767 behind or
 * 32768 ahead of it. The first number is itself; one from before the first may thus come out
 * negative. A restarted sequence is not recognised here: see {@link SourceValidator}, then {@link
 * #reset}.
 *
 * <p>Thread: one at a time. Source: RFC 3550 §A.1 (cycles), RFC 1982 for the comparison.
 */
public final class SequenceNumberExtender {
  private boolean started;
  private long highest;

  /**
   * @param sequenceNumber 0..65535
   * @return the extended number
   */
  public long extend(int sequenceNumber) {
    if (!started) {
      started = true;
      highest = sequenceNumber & 0xFFFF;
      return highest;
    }
    long extended = preview(sequenceNumber);
    highest = Math.max(highest, extended);
    return extended;
  }

  /** What {@link #extend} would return, without remembering it: for a number not trusted yet. */
  public long preview(int sequenceNumber) {
    if (!started) {
      return sequenceNumber & 0xFFFF;
    }
    int ahead = (sequenceNumber - (int) highest) & 0xFFFF;
    return highest + (ahead <= 0x8000 ? ahead : ahead - 0x1_0000);
  }

  /** The highest extended number so far, 0 before the first. */
  public long highest() {
    return highest;
  }

  /** Forgets everything: the next number is the first. */
  public void reset() {
    started = false;
    highest = 0;
  }
}
