package org.linescribe.gateway.call;

import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.call.CallTimers.CallTimer;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.session.tracing.SessionStep;
import org.linescribe.session.tracing.SessionTrace;

/**
 * What operators see of a call: while it goes on, its times and quality in metrics, traces and
 * alerts, and its record.
 *
 * <p>Thread: the call's event loop, where nothing else is said. The record is kept by a virtual
 * thread; what the log of calls throws there costs the record only.
 */
final class CallMonitor {
  private final CallContext context;
  private final IncomingCall call;
  private final CallStateMachine states;
  private final CallTimers timers;
  private final TranscribedCall audio;
  private final SessionTrace trace;
  private final QualityWatch quality;
  private final long invitedNs;
  private final Instant startedAt;
  private long answeredNs;
  private @Nullable Instant answeredAt;

  CallMonitor(
      CallContext context,
      IncomingCall call,
      CallStateMachine states,
      CallTimers timers,
      TranscribedCall audio) {
    this.context = context;
    this.call = call;
    this.states = states;
    this.timers = timers;
    this.audio = audio;
    this.invitedNs = context.nanoClock().getAsLong();
    this.trace = context.traces().begin(call.sessionId(), "sip", Optional.empty());
    Clock clock = context.clock();
    this.startedAt = clock.instant();
    this.quality =
        new QualityWatch(
            call.sessionId(),
            context.quality().thresholds(),
            context.qualityAlerts(),
            clock,
            startedAt);
  }

  /** The 200 was sent. */
  void answered() {
    answeredNs = context.nanoClock().getAsLong();
    answeredAt = context.clock().instant();
    context.metrics().answered(answeredNs - invitedNs);
    trace.step(new SessionStep.CallSetUp(true, "answered"), invitedNs, answeredNs);
    watchQuality();
  }

  private void watchQuality() {
    timers.set(
        CallTimer.QUALITY,
        context.quality().interval(),
        () -> {
          sample();
          watchQuality();
        });
  }

  /** Takes the quality of the media since the last time. */
  void sample() {
    quality.sample(CallSource.quality(audio.media(), audio.source(), audio.recording()));
  }

  /** What is to be seen of the call now. */
  OpenCall open() {
    SipDialog dialog = call.dialog();
    return new OpenCall(
        call.sessionId(),
        dialog.callId(),
        audio.recording() == null ? "sip" : "siprec",
        call.admitted().trunk(),
        dialog.from(),
        dialog.to(),
        dialog.protocol(),
        states.state().name().toLowerCase(Locale.ROOT),
        startedAt,
        Optional.ofNullable(answeredAt),
        audio.isPaused(),
        audio.recordingState(),
        audio.announcementTimes(),
        quality.withHistory(CallSource.quality(audio.media(), audio.source(), audio.recording())));
  }

  /** The call has ended. */
  void ended(CallOutcome outcome) {
    long nowNs = context.nanoClock().getAsLong();
    context.metrics().ended(outcome, answeredNs == 0 ? 0 : nowNs - answeredNs);
    if (answeredNs == 0) {
      trace.step(new SessionStep.CallSetUp(false, outcome.word()), invitedNs, nowNs);
    }
  }

  /** Its session and its dialog have ended, too. Thread: any. */
  void endTrace(CallOutcome outcome) {
    trace.end(outcome.word());
  }

  /**
   * The last step: keeps the record of a call that had a session, and releases its audio.
   *
   * @param kept run when the record is kept or cannot be, on any thread
   */
  void keep(CallOutcome outcome, Runnable kept) {
    if (audio.source() == null) {
      audio.release();
      kept.run();
      return;
    }
    CallRecord record = CallRecord.of(open(), context.clock().instant(), outcome.word());
    audio.release();
    // Keeping the record blocks, so it has a thread of its own.
    Thread.ofVirtual()
        .name("linescribe-call-record")
        .start(
            () -> {
              try {
                context.callLog().keep(record);
              } finally {
                kept.run();
              }
            });
  }
}
