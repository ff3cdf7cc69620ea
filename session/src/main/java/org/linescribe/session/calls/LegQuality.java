package org.linescribe.session.calls;

import java.util.List;
import org.linescribe.media.rtcp.VoiceQuality;

/**
 * The media of one leg so far.
 *
 * @param leg its name
 * @param codec "pcmu", empty before it is known
 * @param receivedPackets in order or not
 * @param lostPackets that were given up: never came, or too late
 * @param latePackets of those, the ones that came when their time was over
 * @param duplicatePackets that came before
 * @param jitterMs interarrival jitter by RFC 3550 §6.4.1
 * @param backlogMs audio that waits for the recogniser; 0 for a call that ended
 * @param samples how it was over time, in order
 */
public record LegQuality(
    String leg,
    String codec,
    long receivedPackets,
    long lostPackets,
    long latePackets,
    long duplicatePackets,
    double jitterMs,
    long backlogMs,
    List<QualitySample> samples) {
  public LegQuality {
    samples = List.copyOf(samples);
  }

  /** Without a history. */
  public LegQuality(
      String leg,
      String codec,
      long receivedPackets,
      long lostPackets,
      long latePackets,
      long duplicatePackets,
      double jitterMs,
      long backlogMs) {
    this(
        leg,
        codec,
        receivedPackets,
        lostPackets,
        latePackets,
        duplicatePackets,
        jitterMs,
        backlogMs,
        List.of());
  }

  /** The same with its history. */
  public LegQuality with(List<QualitySample> history) {
    return new LegQuality(
        leg,
        codec,
        receivedPackets,
        lostPackets,
        latePackets,
        duplicatePackets,
        jitterMs,
        backlogMs,
        history);
  }

  /** Share of the packets that brought no audio, in per cent. */
  public double lossPercent() {
    long used = receivedPackets - duplicatePackets - latePackets;
    return lostPackets == 0 ? 0 : 100.0 * lostPackets / Math.max(lostPackets, used + lostPackets);
  }

  /** Mean opinion score by the E-model, 1.0 to 4.5; of a leg without packets that of a good one. */
  public double mos() {
    return VoiceQuality.ofStream(lossPercent() / 100, jitterMs);
  }
}
