package org.linescribe.media.rtp;

/**
 * Distinguishes a real source from noise, and its restarts from its losses, by sequence numbers
 * alone.
 *
 * <p>A source is valid after {@code minSequential} consecutive packets. Later a jump of {@link
 * #MAX_DROPOUT} or more ahead, or more than {@link #MAX_MISORDER} behind, is refused once; when the
 * very next number follows it, the sender has restarted.
 *
 * <p>Thread: one at a time, one instance per SSRC. Source: RFC 3550 §A.1 (update_seq).
 */
public final class SourceValidator {
  public static final int MAX_DROPOUT = 3000;
  public static final int MAX_MISORDER = 100;

  /** RFC 3550's probation. */
  public static final int DEFAULT_MIN_SEQUENTIAL = 2;

  private static final int SEQUENCE_MODULUS = 1 << 16;
  private static final int NO_SEQUENCE = SEQUENCE_MODULUS + 1;

  /** What a packet's number means. */
  public enum Verdict {
    /** The source is not valid yet. */
    PROBATION,
    /** In order, after a loss, or after a wrap. */
    VALID,
    /** A duplicate or a packet that was overtaken. */
    MISORDERED,
    /** A jump too large to be a loss; a restart if the next number follows this one. */
    JUMPED,
    /** The second consecutive one after a jump: the sender started again, the statistics too. */
    RESTARTED
  }

  private final int minSequential;
  private boolean started;
  private int probation;
  private int maxSequence;
  private int expectedAfterJump = NO_SEQUENCE;
  private long cycles;
  private long baseSequence;
  private long received;

  public SourceValidator() {
    this(DEFAULT_MIN_SEQUENTIAL);
  }

  /**
   * @param minSequential consecutive packets that make a source valid, 1 to 100; 1 trusts the
   *     first, for a port whose peer was negotiated
   */
  public SourceValidator(int minSequential) {
    if (minSequential < 1 || minSequential > 100) {
      throw new IllegalArgumentException("minSequential: " + minSequential + " (expected: 1..100)");
    }
    this.minSequential = minSequential;
    this.probation = minSequential;
  }

  /**
   * @param sequenceNumber 0..65535
   */
  public Verdict update(int sequenceNumber) {
    if (!started) {
      started = true;
      restart(sequenceNumber);
      maxSequence = (sequenceNumber - 1) & 0xFFFF;
    }
    if (probation > 0) {
      boolean follows = sequenceNumber == ((maxSequence + 1) & 0xFFFF);
      probation = follows ? probation - 1 : minSequential - 1;
      maxSequence = sequenceNumber;
      if (probation > 0) {
        return Verdict.PROBATION;
      }
      restart(sequenceNumber);
      received++;
      return Verdict.VALID;
    }
    int ahead = (sequenceNumber - maxSequence) & 0xFFFF;
    if (ahead > 0 && ahead < MAX_DROPOUT) {
      if (sequenceNumber < maxSequence) {
        cycles += SEQUENCE_MODULUS;
      }
      maxSequence = sequenceNumber;
    } else if (ahead != 0 && ahead <= SEQUENCE_MODULUS - MAX_MISORDER) {
      if (sequenceNumber != expectedAfterJump) {
        expectedAfterJump = (sequenceNumber + 1) & 0xFFFF;
        return Verdict.JUMPED;
      }
      restart(sequenceNumber);
      received++;
      return Verdict.RESTARTED;
    } else {
      received++;
      return Verdict.MISORDERED;
    }
    received++;
    return Verdict.VALID;
  }

  private void restart(int sequenceNumber) {
    baseSequence = sequenceNumber;
    maxSequence = sequenceNumber;
    expectedAfterJump = NO_SEQUENCE;
    cycles = 0;
    received = 0;
  }

  public boolean isValid() {
    return started && probation == 0;
  }

  /** Cycles and highest number as RTCP reports them; wraps at 2^32. */
  public long extendedHighestSequenceNumber() {
    return (cycles + maxSequence) & 0xFFFF_FFFFL;
  }

  /** Packets that should have come since the source became valid or restarted. */
  public long expected() {
    return isValid() ? cycles + maxSequence - baseSequence + 1 : 0;
  }

  /** Packets that came since then, duplicates and late ones included. */
  public long received() {
    return received;
  }
}
