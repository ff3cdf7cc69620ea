package org.linescribe.api.transcribe;

import java.time.Duration;

/**
 * Tells a client that waits for a message after each of its frames from one that streams, and says
 * how long a frame may stay without a message.
 *
 * <p>Both look alike while every frame is answered, so the difference is only seen where an answer
 * is withheld: the first stops sending, the second does not. A client that fell silent after two
 * consecutive frames is taken to wait, and from then on each frame is answered at once: with an
 * answer after 50 ms a frame of 20 ms would take 70 ms. Every {@link #PROBE_EVERY_NS} one answer is
 * withheld for two frames' time; a client that sends on meanwhile is streaming, and again gets
 * partials only when the text changes.
 *
 * <p>Thread: the peer's event loop.
 */
final class LockStep {
  static final long PROBE_EVERY_NS = 2_000_000_000L;
  private static final int SILENCES_THAT_PROVE = 2;
  private static final int BYTES_PER_MS = 8;

  private final Duration answerAfter;
  private Duration wait;
  private int silences;
  private boolean silenceAnswered;
  private boolean probing;
  private long lastProbeNs;

  /**
   * @param answerAfter how long a client that is not known to wait stays without a message
   */
  LockStep(Duration answerAfter) {
    this.answerAfter = answerAfter;
    this.wait = answerAfter;
  }

  /**
   * Records a frame.
   *
   * @param answered whether a message was sent since the frame before
   * @return how long this frame may stay without a message; zero for an answer at once
   */
  Duration frame(int bytes, boolean answered, long nowNs) {
    if (!answered || (probing && !silenceAnswered)) {
      silences = 0;
    }
    probing = false;
    silenceAnswered = false;
    if (silences < SILENCES_THAT_PROVE) {
      wait = answerAfter;
      lastProbeNs = nowNs;
    } else if (nowNs - lastProbeNs >= PROBE_EVERY_NS) {
      lastProbeNs = nowNs;
      probing = true;
      Duration twoFrames = Duration.ofMillis(2L * Math.ceilDiv(bytes, BYTES_PER_MS));
      wait = twoFrames.compareTo(answerAfter) < 0 ? twoFrames : answerAfter;
    } else {
      wait = Duration.ZERO;
    }
    return wait;
  }

  /** How long the last frame may stay without a message. */
  Duration currentWait() {
    return wait;
  }

  /** The client was silent for the whole wait, and is answered now. */
  void answeredSilence() {
    silences = Math.min(silences + 1, SILENCES_THAT_PROVE);
    silenceAnswered = true;
  }
}
