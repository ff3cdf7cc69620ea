package org.linescribe.gateway.call;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.call.CallTimers.CallTimer;
import org.linescribe.gateway.sdp.MediaPolicy;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;

/**
 * What happens between a call's INVITE and its answer: the offer is checked, ports are bound, the
 * session is opened, and the 200 is sent. The first that fails rejects the INVITE.
 *
 * <p>Thread: the call's event loop, where nothing else is said. The session is opened by a virtual
 * thread.
 */
final class CallOpening {
  /**
   * The round trip that SIP reckons with (RFC 3261, section 17.1.1.1): so long after our first
   * answer the CANCEL may come of who does not want the call any more.
   */
  private static final Duration T1 = Duration.ofMillis(500);

  private final CallContext context;
  private final IncomingCall call;
  private final CallStateMachine states;
  private final CallTimers timers;
  private final TranscribedCall audio;
  private final Function<SipDialog, String> mediaAddress;
  private final Consumer<CallOutcome> onNoMedia;
  private byte[] answer = new byte[0];
  private volatile long answerSentNs;

  /**
   * @param mediaAddress our address in the SDP of a dialog
   * @param onNoMedia called when no stream brings media any more
   */
  CallOpening(
      CallContext context,
      IncomingCall call,
      CallStateMachine states,
      CallTimers timers,
      TranscribedCall audio,
      Function<SipDialog, String> mediaAddress,
      Consumer<CallOutcome> onNoMedia) {
    this.context = context;
    this.call = call;
    this.states = states;
    this.timers = timers;
    this.audio = audio;
    this.mediaAddress = mediaAddress;
    this.onNoMedia = onNoMedia;
  }

  /** For how long the answer has been under way; only of an answered call. Thread: any. */
  long sinceAnswerNs() {
    return context.nanoClock().getAsLong() - answerSentNs;
  }

  /** Checks the offer and binds the ports of its streams. */
  void open() {
    if (states.state() != CallState.OPENING) {
      return;
    }
    CallRecording recording;
    int streams;
    try {
      recording = CallRecording.of(call.dialog(), call.invite(), policy());
      audio.offered(recording);
      streams =
          recording == null ? Offers.check(call.invite().sdp(), policy()) : recording.streams();
    } catch (OfferRefusedException e) {
      reject(e.refusal());
      return;
    }
    timers.set(
        CallTimer.OPEN,
        context.settings().openTimeout(),
        () -> {
          if (states.state() == CallState.OPENING) {
            rejectUnavailable("Session not opened in time");
          }
        });
    CallMedia.open(
            states.loop(),
            context.rtp(),
            streams,
            recording != null,
            new CallMedia.Events(
                context.metrics(),
                context.settings().dtmf(),
                onNoMedia,
                states::fail,
                audio::onPressed),
            mediaAddress.apply(call.dialog()),
            context.clock().millis(),
            policy())
        .whenComplete((opened, failure) -> states.run(() -> onPorts(opened, failure)));
  }

  private MediaPolicy policy() {
    return new MediaPolicy(
        call.admitted().srtp().orElse(context.srtp()),
        call.dialog().isSecure(),
        context.rtp()::fingerprint,
        context.rtp().codecs());
  }

  private void onPorts(@Nullable CallMedia opened, @Nullable Throwable failure) {
    if (opened == null) {
      rejectUnavailable(failure == null ? "No media port" : message(failure));
      return;
    }
    if (states.state() != CallState.OPENING) {
      opened.close();
      return;
    }
    audio.bound(opened);
    try {
      answer = opened.respond(call.invite().sdp());
    } catch (OfferRefusedException e) {
      reject(e.refusal());
      return;
    }
    call.invite().header(Call.SESSION_ID_HEADER, call.sessionId().value());
    call.invite().ringing();
    openSession(opened);
  }

  private static String message(Throwable failure) {
    Throwable cause = failure.getCause();
    return String.valueOf((cause == null ? failure : cause).getMessage());
  }

  private void openSession(CallMedia media) {
    SipDialog dialog = call.dialog();
    String owner =
        call.admitted().trunk().orElseGet(() -> context.networks().owner(dialog.remoteAddress()));
    SourceRequest request =
        CallSource.request(
            call.sessionId(), owner, dialog, media, audio.recording(), call.admitted());
    // Opening a session reads the store, which blocks: never on an event loop.
    Thread.ofVirtual()
        .name("linescribe-open-" + call.sessionId())
        .start(
            () -> {
              try {
                SessionSource created =
                    CallSource.open(context.sessions(), request, new SourceEvents());
                if (!states.run(() -> states.on(new CallEvent.Opened(created)))) {
                  created.end(new CallOutcome.Drained().word());
                }
              } catch (SessionRefusedException e) {
                states.run(() -> reject(CallSource.refusal(e)));
              } catch (RuntimeException e) {
                states.run(() -> states.fail(e));
              }
            });
  }

  /** A peer that requires reliable ringing is answered once it has acknowledged it. */
  void awaitRinging() {
    timers.set(
        CallTimer.ANSWER,
        context.settings().ackTimeout(),
        () -> reject(SipRefusal.of(504, "Ringing Not Acknowledged")));
    call.dialog().ringingAcknowledged().thenRun(() -> states.run(this::answerAfterRinging));
  }

  private void answerAfterRinging() {
    if (states.state() != CallState.RINGING) {
      return;
    }
    timers.clear(CallTimer.ANSWER);
    if (context.settings().answerDelay().isZero()) {
      answer();
    } else {
      timers.set(CallTimer.ANSWER, context.settings().answerDelay(), this::answer);
    }
  }

  private void answer() {
    CallMedia media = audio.media();
    if (states.state() != CallState.RINGING || media == null) {
      return;
    }
    // Start before the 200 is sent: the peer's first packet may arrive within the same millisecond.
    media.start(call.dialog().remoteAddress());
    answerSentNs = context.nanoClock().getAsLong();
    if (call.invite().answer(answer)) {
      states.on(new CallEvent.Answered());
    } else {
      // Its connection is closed.
      states.on(new CallEvent.Ended(new CallOutcome.PeerLost()));
    }
  }

  private void rejectUnavailable(String why) {
    reject(SipRefusal.unavailable(why, context.settings().retryAfter()));
  }

  private void reject(SipRefusal refusal) {
    if (states.state() == CallState.OPENING || states.state() == CallState.RINGING) {
      call.invite().reject(refusal);
      states.on(new CallEvent.Ended(new CallOutcome.Rejected(refusal.status())));
    }
  }

  /** Receives the session's events on the session's thread. */
  private final class SourceEvents implements SourceListener {
    @Override
    public void onEvent(TranscriptEvent event) {
      // Transcript readers subscribe to the session; nothing is sent back over SIP.
    }

    @Override
    public Duration withdrawnWithin() {
      return T1;
    }

    @Override
    public boolean isWithdrawn() {
      return states.state() != CallState.OPENING;
    }

    @Override
    public void onClosed(SourceClosed reason) {
      states.end(new CallOutcome.Closed(reason));
    }
  }
}
