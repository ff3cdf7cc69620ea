package org.linescribe.media.rtcp;

import org.linescribe.media.rtp.InterarrivalJitter;
import org.linescribe.media.rtp.LossStatistics;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.media.rtp.SourceValidator;

/**
 * Watches one source's packets and reports their reception in report blocks.
 *
 * <p>Thread: the session's event loop; one instance per SSRC. Source: RFC 3550 §6.4.1, §A.1, §A.3,
 * §A.8.
 */
public final class ReceptionReporter {
  private static final long NS_PER_S = 1_000_000_000L;

  private final long ssrc;
  private final SourceValidator validator;
  private final InterarrivalJitter jitter;
  private final LossStatistics losses = new LossStatistics();
  private boolean hasSenderReport;
  private long lastSenderReport;
  private long lastSenderReportNs;

  /**
   * @param clockRateHz the payload's RTP clock
   * @param minSequential consecutive packets that make the source valid; 1 for a negotiated peer
   */
  public ReceptionReporter(long ssrc, int clockRateHz, int minSequential) {
    this.ssrc = ssrc;
    this.validator = new SourceValidator(minSequential);
    this.jitter = new InterarrivalJitter(clockRateHz);
  }

  /** A packet of this source arrived. */
  public SourceValidator.Verdict onPacket(RtpPacket packet, long arrivalNs) {
    SourceValidator.Verdict verdict = validator.update(packet.sequenceNumber());
    switch (verdict) {
      case VALID -> jitter.update(packet.timestamp(), arrivalNs);
      case RESTARTED -> {
        losses.reset();
        jitter.reset();
        jitter.update(packet.timestamp(), arrivalNs);
      }
      case MISORDERED, JUMPED, PROBATION -> {}
    }
    return verdict;
  }

  /** A sender report of this source arrived. */
  public void onSenderReport(RtcpPacket.SenderReport report, long arrivalNs) {
    hasSenderReport = true;
    lastSenderReport = NtpTime.middle32(report.ntpTimestamp());
    lastSenderReportNs = arrivalNs;
  }

  public boolean isValid() {
    return validator.isValid();
  }

  public double jitterMs() {
    return jitter.ms();
  }

  /** Packets lost since the start, as a report would say. */
  public int cumulativeLost() {
    return LossStatistics.cumulativeLost(validator.expected(), validator.received());
  }

  /** Closes the reporting interval. */
  public ReportBlock report(long nowNs) {
    long delay = 0;
    if (hasSenderReport) {
      long sinceNs = Math.max(0, nowNs - lastSenderReportNs);
      delay = sinceNs / NS_PER_S * 65536 + sinceNs % NS_PER_S * 65536 / NS_PER_S;
    }
    return new ReportBlock(
        ssrc,
        losses.fractionLost(validator.expected(), validator.received()),
        cumulativeLost(),
        validator.extendedHighestSequenceNumber(),
        jitter.ticks(),
        lastSenderReport,
        Math.min(delay, 0xFFFF_FFFFL));
  }
}
