package org.linescribe.gateway.rtp;

import org.linescribe.media.rtcp.VoiceQuality;

/**
 * What became of a session's packets.
 *
 * @param lost never came, or too late to be used
 * @param mos mean opinion score by the E-model, 1.0 to 4.5
 * @param concealedSamples lost audio that was made up from what was before, at 8 kHz
 * @param timelineSamples length of the timeline told, at 8 kHz
 */
public record RtpSummary(
    long received,
    long lost,
    long late,
    long duplicate,
    double jitterMs,
    double mos,
    long concealedSamples,
    long timelineSamples) {
  static double mos(long received, long lost, long late, long duplicate, double jitterMs) {
    long used = received - late - duplicate;
    double lossRatio = lost == 0 ? 0 : (double) lost / Math.max(lost, used + lost);
    return VoiceQuality.ofStream(lossRatio, jitterMs);
  }
}
