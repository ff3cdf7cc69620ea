package org.linescribe.gateway.call;

import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.trunk.CallAdmission;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.calls.AnnouncementTimes;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.OpenCall;

/**
 * What operators see of a call: while it goes on, and its record.
 *
 * <p>Thread: the call's event loop.
 */
final class CallReport {
  private final SessionId sessionId;
  private final SipDialog dialog;
  private final CallAdmission.Decision.Admitted admitted;
  private final Clock clock;
  private final Instant startedAt;
  private final QualityWatch quality;
  private @Nullable Instant answeredAt;

  CallReport(
      SessionId sessionId,
      SipDialog dialog,
      CallAdmission.Decision.Admitted admitted,
      CallContext context) {
    this.sessionId = sessionId;
    this.dialog = dialog;
    this.admitted = admitted;
    this.clock = context.clock();
    this.startedAt = clock.instant();
    this.quality =
        new QualityWatch(
            sessionId, context.quality().thresholds(), context.qualityAlerts(), clock, startedAt);
  }

  void answered() {
    answeredAt = clock.instant();
  }

  /** Takes the quality of the media since the last time. */
  void sample(
      @Nullable CallMedia media,
      @Nullable SessionSource source,
      @Nullable CallRecording recording) {
    quality.sample(CallSource.quality(media, source, recording));
  }

  OpenCall open(
      CallState state,
      boolean paused,
      String recordingState,
      Optional<AnnouncementTimes> announcement,
      @Nullable CallMedia media,
      @Nullable SessionSource source,
      @Nullable CallRecording recording) {
    return new OpenCall(
        sessionId,
        dialog.callId(),
        recording == null ? "sip" : "siprec",
        admitted.trunk(),
        dialog.from(),
        dialog.to(),
        dialog.protocol(),
        state.name().toLowerCase(Locale.ROOT),
        startedAt,
        Optional.ofNullable(answeredAt),
        paused,
        recordingState,
        announcement,
        quality.withHistory(CallSource.quality(media, source, recording)));
  }

  /** The record of the call, which ended now. */
  CallRecord ended(OpenCall last, CallOutcome outcome) {
    return CallRecord.of(last, clock.instant(), outcome.word());
  }
}
