package org.linescribe.media.g711;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Distinguishes μ-law from A-law by the first audio of a stream that does not name its law.
 *
 * <p>The same bytes are decoded by both laws, and each law is asked how probable it finds them: a
 * sample is predicted from the ones before it (by zero, by the last one, by the last two), with
 * Laplacian residuals whose scale is learnt on the way. The wrong law swaps pairs of segments and
 * scrambles the steps within one, so it makes sound rough and leaves holes around zero, even in
 * noise. A run of one code shows nothing that way; there the law in which that code is quieter is
 * right: FF and 7F are idle in μ-law, D5 and 55 in A-law.
 *
 * <p>The decision falls as soon as the evidence is clear, after 50 ms of speech on the average, and
 * for sure within {@link #MAX_SAMPLES}. Without any evidence it is μ-law.
 *
 * <p>Use: offer every chunk until a law comes. The chunks that were offered in vain are kept here:
 *
 * <pre>{@code
 * Optional<G711Law> law = detector.offer(chunk, 0, chunk.length);
 * if (law.isPresent()) {
 *   byte[] earlier = detector.takeBuffered(); // decode this first,
 *   ...                                       // then the chunk that decided
 * }
 * // at the end of a stream that was too short:
 * G711Law guess = detector.decideNow(); // and decode takeBuffered()
 * }</pre>
 *
 * <p>Thread: one at a time. Bounded: at most {@link #MAX_SAMPLES} bytes are kept.
 */
public final class LawDetector {
  /** After that many samples the decision has fallen: half a second. */
  public static final int MAX_SAMPLES = G711Law.SAMPLE_RATE_HZ / 2;

  private static final int RUN_SAMPLES = 8;
  private static final int MIN_INFORMATIVE_SAMPLES = 80;

  /**
   * Evidence that ends the search. Pauses of a recording that was coarsely quantised before it was
   * encoded spoke up to 300 nats for the wrong law; 600 is reached after 50 ms of speech on the
   * average of our human recordings.
   */
  private static final double CLEAR_EVIDENCE_NATS = 600;

  /** Less is no evidence against what the quiet runs show. */
  private static final double WEAK_EVIDENCE_NATS = 60;

  private static final int CLEAR_IDLE_SAMPLES = 800;

  private final Likelihood mu = new Likelihood(G711Law.PCMU);
  private final Likelihood a = new Likelihood(G711Law.PCMA);
  private byte[] buffered = {};
  private Optional<G711Law> decision = Optional.empty();
  private int examined;
  private int informative;
  private int runCode = -1;
  private int runLength;
  private int quietInMu;
  private int quietInA;

  /**
   * Looks at the next bytes of the stream.
   *
   * @param src borrowed; copied when no decision falls
   * @return the law, or empty while it is open; after the decision always the same
   */
  public Optional<G711Law> offer(byte[] src, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, src.length);
    for (int i = offset; decision.isEmpty() && i < offset + length; i++) {
      examine(src[i] & 0xFF);
    }
    if (decision.isEmpty()) {
      int before = buffered.length;
      buffered = Arrays.copyOf(buffered, before + length);
      System.arraycopy(src, offset, buffered, before, length);
    }
    return decision;
  }

  /** Decides by what was offered until now, for a stream that ended or can wait no longer. */
  public G711Law decideNow() {
    G711Law law = decision.orElseGet(this::bestGuess);
    decision = Optional.of(law);
    return law;
  }

  /**
   * Hands out the bytes of the offers that came before the decision, in order, once: the offer that
   * decided is not among them.
   */
  public byte[] takeBuffered() {
    byte[] taken = buffered;
    buffered = new byte[0];
    return taken;
  }

  private void examine(int code) {
    examined++;
    runLength = code == runCode ? runLength + 1 : 1;
    runCode = code;
    if (runLength > RUN_SAMPLES) {
      countQuiet(code);
    } else {
      informative++;
      mu.next(code);
      a.next(code);
    }
    double evidence = mu.nats() - a.nats();
    boolean clear =
        informative >= MIN_INFORMATIVE_SAMPLES && Math.abs(evidence) >= CLEAR_EVIDENCE_NATS
            || quietInMu + quietInA >= CLEAR_IDLE_SAMPLES;
    if (clear || examined >= MAX_SAMPLES) {
      decision = Optional.of(bestGuess());
    }
  }

  private void countQuiet(int code) {
    int inMu = Math.abs(G711Law.PCMU.decode(code));
    int inA = Math.abs(G711Law.PCMA.decode(code));
    if (inMu < inA) {
      quietInMu++;
    } else if (inA < inMu) {
      quietInA++;
    }
  }

  private G711Law bestGuess() {
    double evidence = mu.nats() - a.nats();
    if (Math.abs(evidence) < WEAK_EVIDENCE_NATS && quietInMu != quietInA) {
      return quietInMu > quietInA ? G711Law.PCMU : G711Law.PCMA;
    }
    return evidence >= 0 ? G711Law.PCMU : G711Law.PCMA;
  }

  /** How probable one law finds the codes, as the sum of logarithms. */
  private static final class Likelihood {
    private static final int PREDICTORS = 3;
    private static final double LEARNING_RATE = 1.0 / 64;
    private static final double FIRST_SCALE = 300;

    private final G711Law law;
    private final double[] scales = new double[PREDICTORS];
    private double last;
    private double beforeLast;
    private double nats;

    Likelihood(G711Law law) {
      this.law = law;
      Arrays.fill(scales, FIRST_SCALE);
    }

    double nats() {
      return nats;
    }

    void next(int code) {
      double sample = law.decode(code);
      double step = step(code);
      double probability = 0;
      for (int k = 0; k < PREDICTORS; k++) {
        double residual = Math.abs(sample - predicted(k));
        // Half a step more: no scale is finer than what the law can distinguish.
        double scale = scales[k] + step / 2;
        probability += step / (2 * scale) * Math.exp(-residual / scale);
        scales[k] += (residual - scales[k]) * LEARNING_RATE;
      }
      nats += Math.log(probability / PREDICTORS + 1e-6);
      beforeLast = last;
      last = sample;
    }

    private double predicted(int k) {
      return switch (k) {
        case 0 -> 0;
        case 1 -> 0.9 * last;
        default -> 1.6 * last - 0.75 * beforeLast;
      };
    }

    /** Width of the code's interval, on the scale of 16-bit PCM. */
    private double step(int code) {
      int segment = (law == G711Law.PCMU ? ~code : code ^ 0x55) >> 4 & 7;
      return law == G711Law.PCMU ? 8 << segment : 16 << Math.max(0, segment - 1);
    }
  }
}
