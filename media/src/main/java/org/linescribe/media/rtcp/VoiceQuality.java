package org.linescribe.media.rtcp;

/**
 * The quality that a listener would give a G.711 stream, by the E-model: from its loss and its
 * delay, without a look at the audio. Lost packets become silence here, so the robustness is that
 * of G.711 without concealment.
 *
 * <p>Thread: any. Source: ITU-T G.107 §7, Annex B; G.113 Appendix I.
 */
public final class VoiceQuality {
  /** R of the default parameters: the best that a narrow-band call gets. */
  private static final double BEST_R = 93.2;

  /** Packet-loss robustness of G.711 without concealment. */
  private static final double ROBUSTNESS = 4.3;

  private static final int PACKET_MS = 20;

  private VoiceQuality() {}

  /**
   * Of a stream of 20 ms packets behind a jitter buffer of twice its jitter.
   *
   * @param lossRatio lost and late packets of all that were sent, 0..1
   * @param jitterMs interarrival jitter by RFC 3550
   * @return mean opinion score, 1.0 to 4.5, in hundredths
   */
  public static double ofStream(double lossRatio, double jitterMs) {
    return Math.round(mos(lossRatio, PACKET_MS + 2 * jitterMs) * 100) / 100.0;
  }

  /**
   * @param lossRatio lost and late packets of all that were sent, 0..1
   * @param delayMs one way, mouth to ear
   * @return mean opinion score, 1.0 to 4.5
   */
  public static double mos(double lossRatio, double delayMs) {
    double lossPercent = Math.clamp(lossRatio, 0, 1) * 100;
    double equipment = 95 * lossPercent / (lossPercent + ROBUSTNESS);
    double delay = Math.max(0, delayMs);
    double delayImpairment = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
    double r = BEST_R - delayImpairment - equipment;
    if (r <= 0) {
      return 1;
    }
    // The cubic dips below 1 for the smallest R.
    return Math.clamp(1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6, 1, 4.5);
  }
}
