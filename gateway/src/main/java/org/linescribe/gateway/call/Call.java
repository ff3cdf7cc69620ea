package org.linescribe.gateway.call;

import io.netty.channel.EventLoop;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.linescribe.gateway.call.CallTimers.CallTimer;
import org.linescribe.gateway.leg.OperatedSource;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipReferral;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipTransaction;
import org.linescribe.gateway.trunk.CallAdmission;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallControl.RecordingOrder;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.OpenCall;

/**
 * One call: binds its SIP dialog and its RTP session to a source of a transcription session. Says
 * what follows from each event of its state machine, and who is its peer; {@link CallOpening},
 * {@link CallNegotiation}, {@link CallTransfer}, {@link TranscribedCall} and {@link CallMonitor} do
 * the rest.
 *
 * <p>Thread: its event loop, for everything; callbacks of other threads are dispatched to it. An
 * unchecked exception there ends this call only.
 */
final class Call implements OperatedSource {
  static final String SESSION_ID_HEADER = "X-Session-Id";
  private static final String TRANSFERRED_TO = "transferred_to";

  private final CallContext context;
  private final CallRegistry registry;
  private final IncomingCall incoming;
  private final CallStateMachine states;
  private final CallTimers timers;
  private final TranscribedCall audio;
  private final CallMonitor monitor;
  private final CallOpening opening;
  private final CallNegotiation negotiation;
  private final CallTransfer transfer;
  private volatile CallPeer peer;

  Call(EventLoop loop, CallContext context, CallRegistry registry, IncomingCall incoming) {
    this.context = context;
    this.registry = registry;
    this.incoming = incoming;
    SessionId sessionId = incoming.sessionId();
    CallAdmission.Decision.Admitted admitted = incoming.admitted();
    this.states = new CallStateMachine(loop, sessionId, () -> peer().dialog(), this::entered);
    this.timers = new CallTimers(loop, context.timers(), states::run);
    this.audio = new TranscribedCall(context, states, sessionId, admitted.route());
    this.peer = peer(incoming.dialog());
    this.transfer =
        new CallTransfer(
            timers,
            admitted.referralTargets(),
            context.accounts(),
            context.metrics(),
            new TransferredCall());
    this.monitor = new CallMonitor(context, incoming, states, timers, audio);
    this.opening =
        new CallOpening(
            context, incoming, states, timers, audio, registry::mediaAddress, this::onNoMedia);
    this.negotiation =
        new CallNegotiation(sessionId, states, timers, audio, context.metrics(), this::peer);
    attach(incoming.dialog());
  }

  private CallPeer peer() {
    return peer;
  }

  private CallPeer peer(SipDialog dialog) {
    CallTermination termination =
        new CallTermination(dialog, incoming.invite(), context.settings());
    return new CallPeer(
        dialog,
        termination,
        new CallEnd(incoming.sessionId(), dialog, termination),
        new PeerWatch(
            timers, dialog, context.settings().keepaliveInterval(), audio::idleTime, states::end));
  }

  private void attach(SipDialog dialog) {
    if (admitted().referralTargets().isFollowed() && !dialog.isRecordingSession()) {
      dialog.takeReferrals();
    }
    dialog.listener(new CallDialogListener(this, dialog, incoming.pending()));
  }

  /** Starts the call. Thread: any. */
  void begin() {
    run(opening::open);
  }

  /** Ends the call. Thread: any. */
  void end(CallOutcome outcome) {
    states.end(outcome);
  }

  /** For how long its answer has not been acknowledged; zero before it and after. Thread: any. */
  long unacknowledgedNs() {
    return states.state() == CallState.ANSWERED && incoming.pending().isWaiting()
        ? opening.sinceAnswerNs()
        : 0;
  }

  /** Whether its source has never acknowledged a call. Thread: any. */
  boolean isUnproven() {
    return incoming.pending().isUnproven();
  }

  /**
   * Ends the call where it still waits for its ACK. Thread: any.
   *
   * @return false where it goes on
   */
  boolean giveUp() {
    boolean isGivenUp = incoming.pending().giveUp();
    if (isGivenUp) {
      end(new CallOutcome.NoAck());
    }
    return isGivenUp;
  }

  @Override
  public boolean isOf(SessionId id) {
    return sessionId().equals(id) && !isEnded();
  }

  @Override
  public CompletableFuture<Optional<OpenCall>> call() {
    CompletableFuture<Optional<OpenCall>> seen = new CompletableFuture<>();
    if (!run(() -> seen.complete(isEnded() ? Optional.empty() : Optional.of(monitor.open())))) {
      seen.cancel(false);
    }
    return seen;
  }

  @Override
  public boolean hangUp() {
    end(new CallOutcome.HungUp());
    return true;
  }

  @Override
  public boolean pause(boolean on) {
    return run(() -> audio.pause(on));
  }

  @Override
  public boolean record(RecordingOrder order) {
    return run(() -> audio.record(order));
  }

  @Override
  public boolean mark(CallMark mark) {
    return run(() -> audio.describe(mark.key(), mark.value()));
  }

  private boolean isEnded() {
    return states.state() == CallState.ENDED;
  }

  /** Its trunk and what it gets. */
  CallAdmission.Decision.Admitted admitted() {
    return incoming.admitted();
  }

  /** Whether a Replaces header names this call. Thread: any. */
  boolean is(SipDialog.Replaced replaced) {
    return peer.dialog().is(replaced);
  }

  /** Whether the peer was answered. Thread: any. */
  boolean isAnswered() {
    return states.isAnswered();
  }

  SessionId sessionId() {
    return incoming.sessionId();
  }

  /**
   * Runs a task on the call's event loop; an unchecked exception ends this call only. Thread: any.
   *
   * @return false when the gateway is closed and the task will not run
   */
  boolean run(Runnable task) {
    return states.run(task);
  }

  /** What follows from an event that has changed the state. */
  private void entered(CallState before, CallEvent event) {
    switch (event) {
      case CallEvent.Opened opened -> {
        audio.attach(opened.source());
        opening.awaitRinging();
      }
      case CallEvent.Answered answered -> {
        monitor.answered();
        audio.answered();
        peer.termination().answered();
        timers.set(
            CallTimer.ACK,
            context.settings().ackTimeout(),
            () -> states.on(new CallEvent.Ended(new CallOutcome.NoAck())));
        peer.watch().refreshed();
      }
      case CallEvent.Acknowledged acknowledged -> {
        negotiation.apply();
        peer.watch().watchSilence();
      }
      case CallEvent.Held held -> audio.flush();
      case CallEvent.Resumed resumed -> {}
      case CallEvent.Ended ended -> finish(before, ended.outcome());
    }
  }

  private void onNoMedia(CallOutcome outcome) {
    if (!transfer.isWithoutPeer()) {
      states.on(new CallEvent.Ended(outcome));
    }
  }

  private void finish(CallState before, CallOutcome outcome) {
    try {
      timers.close();
      transfer.close();
      incoming.pending().end();
      monitor.sample();
      audio.close();
      monitor.ended(outcome);
      peer.end().log(outcome, audio.media());
    } finally {
      // Whatever fails before: the source ends, the peer is told, and the call's place is free.
      complete(before, outcome);
    }
  }

  private void complete(CallState before, CallOutcome outcome) {
    boolean completing = false;
    try {
      peer.end()
          .complete(before, outcome, audio.source(), audio.media())
          .thenRun(
              () -> {
                monitor.endTrace(outcome);
                run(() -> monitor.keep(outcome, () -> registry.remove(this)));
              });
      completing = true;
    } finally {
      if (!completing) {
        monitor.endTrace(outcome);
        registry.remove(this);
      }
    }
  }

  /** What a transfer does to the call. */
  private final class TransferredCall implements CallTransfer.Transferred {
    @Override
    public Optional<SipRefusal> refusal() {
      CallMedia media = audio.media();
      boolean isEstablished =
          states.state() == CallState.ACTIVE || states.state() == CallState.HELD;
      return isEstablished && media != null && !media.isOurOfferOpen()
          ? registry.mayPlace(admitted())
          : Optional.of(SipRefusal.of(491, "Request Pending"));
    }

    @Override
    public byte[] offer(boolean isSecure) {
      return Objects.requireNonNull(audio.media())
          .offerToAnother(isSecure, context.clock().millis());
    }

    @Override
    public void goOn(SipDialog dialog, String to, byte[] answer) throws OfferRefusedException {
      Objects.requireNonNull(audio.media()).transferred(answer);
      audio.anotherPeer();
      peer.watch().close();
      peer = peer(dialog);
      audio.describe(TRANSFERRED_TO, to);
      attach(dialog);
      negotiation.apply();
      peer.watch().watchSilence();
    }

    @Override
    public boolean isWith(SipDialog dialog) {
      return isPeer(dialog);
    }

    @Override
    public void stay(boolean peerIsGone) {
      Objects.requireNonNull(audio.media()).notTransferred();
      if (peerIsGone) {
        states.on(new CallEvent.Ended(new CallOutcome.Completed()));
      }
    }
  }

  boolean isPeer(SipDialog dialog) {
    return peer.dialog() == dialog;
  }

  void onCancel() {
    if (!states.isAnswered()) {
      states.on(new CallEvent.Ended(new CallOutcome.Cancelled()));
    }
  }

  void onAck(byte[] sdp) {
    negotiation.onAck(sdp);
  }

  void onModify(SipTransaction change) {
    negotiation.onModify(change);
  }

  void onRefer(SipReferral referral) {
    if (states.isAnswered()) {
      transfer.asked(referral, peer.dialog());
    } else {
      referral.reject(SipRefusal.of(481, "Call/Transaction Does Not Exist"));
    }
  }

  void onKey(char digit) {
    audio.key(digit);
  }

  /** The peer sent a BYE, or the stack has given its dialog up. */
  void onPeerEnded(boolean byBye) {
    if (states.isAnswered() && transfer.survivesPeer()) {
      peer.watch().close();
    } else if (byBye) {
      states.on(new CallEvent.Ended(new CallOutcome.Completed()));
    } else {
      states.on(
          new CallEvent.Ended(
              states.isAnswered() ? new CallOutcome.NoAck() : new CallOutcome.PeerLost()));
    }
  }
}
