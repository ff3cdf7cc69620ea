package org.linescribe.session.calls;

import org.linescribe.media.rtcp.VoiceQuality;

/**
 * The media of one leg during a stretch of a call.
 *
 * @param atMs end of the stretch, in milliseconds from the call's start
 * @param lossPercent share of the stretch's packets that brought no audio
 * @param jitterMs interarrival jitter at its end, by RFC 3550 §6.4.1
 */
public record QualitySample(long atMs, double lossPercent, double jitterMs) {
  public QualitySample {
    if (atMs < 0 || !(lossPercent >= 0 && lossPercent <= 100) || !(jitterMs >= 0)) {
      throw new IllegalArgumentException(
          "sample: at %d ms, loss %s %%, jitter %s ms (expected: from 0, 0..100, from 0)"
              .formatted(atMs, lossPercent, jitterMs));
    }
  }

  /** Mean opinion score by the E-model, 1.0 to 4.5. */
  public double mos() {
    return VoiceQuality.ofStream(lossPercent / 100, jitterMs);
  }

  /** Both stretches as one, by the worse of each figure: a bad moment stays visible. */
  QualitySample and(QualitySample later) {
    return new QualitySample(
        later.atMs, Math.max(lossPercent, later.lossPercent), Math.max(jitterMs, later.jitterMs));
  }
}
