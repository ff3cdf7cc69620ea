package org.linescribe.gateway.call;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.call.CallTimers.CallTimer;
import org.linescribe.gateway.sdp.MediaDescription;
import org.linescribe.gateway.sdp.MediaPolicy;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipReferral;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipTransaction;
import org.linescribe.gateway.trunk.CallAdmission;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.calls.CallControl.RecordingOrder;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.session.tracing.SessionStep;
import org.linescribe.session.tracing.SessionTrace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: binds its SIP dialog and its RTP session to a source of a transcription session.
 *
 * <p>Thread: its event loop, for everything; callbacks of other threads are dispatched to it.
 */
final class Call {
  static final String SESSION_ID_HEADER = "X-Session-Id";
  private static final String TRANSFERRED_TO = "transferred_to";
  private static final Logger LOG = LoggerFactory.getLogger(Call.class);

  private final EventLoop loop;
  private final CallContext context;
  private final CallRegistry registry;
  private final SipTransaction invite;
  private final SessionId sessionId;
  private final CallAdmission.Decision.Admitted admitted;
  private final PendingCall pending;
  private final long invitedNs;
  private final SessionTrace trace;
  private final CallReport report;
  private final RecordedCall recorded;
  private final CallTimers timers;
  private final CallTransfer transfer;
  private volatile CallPeer peer;
  private CallAnnouncement announcement;
  private volatile CallState state = CallState.OPENING;
  private @Nullable CallMedia media;
  private @Nullable CallRecording recording;
  private @Nullable SessionSource source;
  private byte[] answer = new byte[0];
  private long answeredNs;
  private volatile long answerSentNs;
  private boolean paused;
  private boolean addsStreams;

  Call(
      EventLoop loop,
      CallContext context,
      CallRegistry registry,
      SipDialog dialog,
      SipTransaction invite,
      SessionId sessionId,
      CallAdmission.Decision.Admitted admitted,
      PendingCall pending) {
    this.admitted = admitted;
    this.pending = pending;
    this.loop = loop;
    this.timers = new CallTimers(loop, context.timers(), this::run);
    this.context = context;
    this.registry = registry;
    this.invite = invite;
    this.sessionId = sessionId;
    this.peer = peer(dialog);
    this.transfer =
        new CallTransfer(
            timers,
            admitted.referralTargets(),
            context.accounts(),
            context.metrics(),
            new TransferredCall());
    this.invitedNs = context.nanoClock().getAsLong();
    this.trace = context.traces().begin(sessionId, "sip", Optional.empty());
    this.announcement =
        new CallAnnouncement(context.announcements().of(admitted.route()), context.clock());
    this.recorded = new RecordedCall(sessionId, context.recordings(), this::run);
    this.report = new CallReport(sessionId, dialog, admitted, context);
    attach(dialog);
  }

  private CallPeer peer(SipDialog dialog) {
    CallTermination termination = new CallTermination(dialog, invite, context.settings());
    return new CallPeer(
        dialog,
        termination,
        new CallEnd(context, sessionId, dialog, termination),
        new PeerWatch(
            timers, dialog, context.settings().keepaliveInterval(), this::idleTime, this::end));
  }

  private void attach(SipDialog dialog) {
    if (admitted.referralTargets().isFollowed() && !dialog.isRecordingSession()) {
      dialog.takeReferrals();
    }
    dialog.listener(new CallDialogListener(this, dialog, pending));
  }

  /** Starts the call. Thread: any. */
  void begin() {
    run(this::open);
  }

  /** Ends the call. Thread: any. */
  void end(CallOutcome outcome) {
    run(() -> on(new CallEvent.Ended(outcome)));
  }

  /** For how long its answer has not been acknowledged; zero before it and after. Thread: any. */
  long unacknowledgedNs() {
    return state == CallState.ANSWERED && pending.isWaiting()
        ? context.nanoClock().getAsLong() - answerSentNs
        : 0;
  }

  /** Whether its source has never acknowledged a call. Thread: any. */
  boolean isUnproven() {
    return pending.isUnproven();
  }

  /**
   * Ends the call where it still waits for its ACK. Thread: any.
   *
   * @return false where it goes on
   */
  boolean giveUp() {
    boolean isGivenUp = pending.giveUp();
    if (isGivenUp) {
      end(new CallOutcome.NoAck());
    }
    return isGivenUp;
  }

  /** What is to be seen of the call now; completes on its event loop. Thread: any. */
  CompletableFuture<OpenCall> snapshot() {
    CompletableFuture<OpenCall> seen = new CompletableFuture<>();
    if (!run(() -> seen.complete(seen()))) {
      seen.cancel(false);
    }
    return seen;
  }

  private OpenCall seen() {
    return report.open(
        state, paused, recorded.state(), announcement.times(), media, source, recording);
  }

  /** Leaves the audio out of the transcript, or takes it in again. Thread: any. */
  void pause(boolean on) {
    run(
        () -> {
          paused = on;
          if (media != null) {
            media.pause(on);
          }
          if (on) {
            flush();
          }
        });
  }

  /** Begins, pauses or ends the call's recording. Thread: any. */
  void record(RecordingOrder order) {
    run(
        () -> {
          if (media != null && state.isAnswered()) {
            recorded.order(media, order);
          }
        });
  }

  boolean isEnded() {
    return state == CallState.ENDED;
  }

  /** Its trunk and what it gets. */
  CallAdmission.Decision.Admitted admitted() {
    return admitted;
  }

  /** Whether a Replaces header names this call. Thread: any. */
  boolean is(SipDialog.Replaced replaced) {
    return peer.dialog().is(replaced);
  }

  /** Whether the peer was answered. Thread: any. */
  boolean isAnswered() {
    return state.isAnswered();
  }

  SessionId sessionId() {
    return sessionId;
  }

  /**
   * Runs a task on the call's event loop; an unchecked exception ends this call only.
   *
   * @return false when the gateway is closed and the task will not run
   */
  boolean run(Runnable task) {
    try {
      loop.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              fail(e);
            }
          });
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("session {}: the gateway is closed", sessionId);
      return false;
    }
  }

  private void fail(RuntimeException e) {
    context
        .limiter()
        .log(
            suppressed ->
                LOG.error("session {}: call {} failed{}", sessionId, peer.dialog(), suppressed, e));
    on(new CallEvent.Ended(new CallOutcome.Failed(e.toString())));
  }

  /** The only transition method. */
  private void on(CallEvent event) {
    CallState before = state;
    state = before.after(event);
    if (state == before) {
      if (event instanceof CallEvent.Opened late) {
        // The call ended while its session was being opened.
        late.source().end("cancel");
      }
      return;
    }
    switch (event) {
      case CallEvent.Opened opened -> {
        source = opened.source();
        if (media != null) {
          media.attach(opened.source());
          media.pause(paused);
        }
        // A peer that requires reliable ringing is answered once it has acknowledged it.
        timers.set(
            CallTimer.ANSWER,
            context.settings().ackTimeout(),
            () -> reject(SipRefusal.of(504, "Ringing Not Acknowledged")));
        peer.dialog().ringingAcknowledged().thenRun(() -> run(this::answerAfterRinging));
      }
      case CallEvent.Answered answered -> {
        answeredNs = context.nanoClock().getAsLong();
        report.answered();
        if (!announcement.isDue()) {
          recordByRule();
        }
        context.metrics().answered(answeredNs - invitedNs);
        trace.step(new SessionStep.CallSetUp(true, "answered"), invitedNs, answeredNs);
        peer.termination().answered();
        watchQuality();
        timers.set(
            CallTimer.ACK,
            context.settings().ackTimeout(),
            () -> on(new CallEvent.Ended(new CallOutcome.NoAck())));
      }
      case CallEvent.Acknowledged acknowledged -> {
        applyNegotiation();
        peer.watch().watchSilence();
      }
      case CallEvent.Held held -> flush();
      case CallEvent.Resumed resumed -> {}
      case CallEvent.Ended ended -> finish(before, ended.outcome());
    }
  }

  private void recordByRule() {
    if (media != null) {
      recorded.answered(media, admitted.route().wantsRecording());
    }
  }

  /**
   * Plays the announcement that nobody was asked to play yet. To a peer that has only sent so far,
   * a fork of a call's media, nothing can be played: it is transcribed without, and told when it
   * listens.
   */
  private void announce(CallMedia on, SessionSource to) {
    if (!announcement.isUnasked() || state == CallState.ANSWERED) {
      return;
    }
    if (on.onlyReceives()) {
      onAnnounced();
    } else {
      on.announcing(true);
      announcement.play(on, to, this::onAnnounced);
    }
  }

  /** The caller knows: transcript and recording begin. */
  private void onAnnounced() {
    if (media != null && state.isAnswered()) {
      media.announcing(false);
      recordByRule();
    }
  }

  private void watchQuality() {
    timers.set(
        CallTimer.QUALITY,
        context.quality().interval(),
        () -> {
          report.sample(media, source, recording);
          watchQuality();
        });
  }

  /** Notes a moment in the session. Thread: any. */
  void mark(CallMark mark) {
    run(
        () -> {
          if (source != null) {
            source.describe(mark.key(), mark.value());
          }
        });
  }

  private void open() {
    if (state != CallState.OPENING) {
      return;
    }
    int streams;
    try {
      recording = CallRecording.of(peer.dialog(), invite, policy());
      streams = recording == null ? Offers.check(invite.sdp(), policy()) : recording.streams();
    } catch (OfferRefusedException e) {
      reject(e.refusal());
      return;
    }
    timers.set(
        CallTimer.OPEN,
        context.settings().openTimeout(),
        () -> {
          if (state == CallState.OPENING) {
            reject(
                SipRefusal.unavailable(
                    "Session not opened in time", context.settings().retryAfter()));
          }
        });
    CallMedia.open(
            loop,
            context.rtp(),
            streams,
            recording != null,
            new CallMedia.Events(
                context.metrics(),
                context.settings().dtmf(),
                this::onNoMedia,
                this::fail,
                this::onPressed),
            registry.mediaAddress(peer.dialog()),
            context.clock().millis(),
            policy())
        .whenComplete((opened, failure) -> run(() -> onPorts(opened, failure)));
  }

  private void onNoMedia(CallOutcome outcome) {
    if (!transfer.isWithoutPeer()) {
      on(new CallEvent.Ended(outcome));
    }
  }

  private void onPressed(char key) {
    if (context.settings().recordingKey().equals(String.valueOf(key))) {
      recorded.toggle(media);
    }
  }

  private MediaPolicy policy() {
    return new MediaPolicy(
        admitted.srtp().orElse(context.srtp()),
        peer.dialog().isSecure(),
        context.rtp()::fingerprint,
        context.rtp().codecs());
  }

  private void onPorts(@Nullable CallMedia opened, @Nullable Throwable failure) {
    if (opened == null) {
      reject(
          SipRefusal.unavailable(
              failure == null ? "No media port" : message(failure),
              context.settings().retryAfter()));
      return;
    }
    if (state != CallState.OPENING) {
      opened.close();
      return;
    }
    media = opened;
    if (recording != null) {
      // The client that records has told the parties, and takes no audio of ours.
      announcement = new CallAnnouncement(Optional.empty(), context.clock());
    }
    opened.announcing(announcement.isDue());
    try {
      answer = opened.respond(invite.sdp());
    } catch (OfferRefusedException e) {
      reject(e.refusal());
      return;
    }
    invite.header(SESSION_ID_HEADER, sessionId.value());
    invite.ringing();
    String owner =
        admitted.trunk().orElseGet(() -> context.networks().owner(peer.dialog().remoteAddress()));
    SourceRequest request =
        CallSource.request(sessionId, owner, peer.dialog(), opened, recording, admitted);
    // Opening a session reads the store, which blocks: never on an event loop.
    Thread.ofVirtual()
        .name("linescribe-open-" + sessionId)
        .start(
            () -> {
              try {
                SessionSource created =
                    CallSource.open(context.sessions(), request, new SourceEvents());
                if (!run(() -> on(new CallEvent.Opened(created)))) {
                  created.end(new CallOutcome.Drained().word());
                }
              } catch (SessionRefusedException e) {
                run(() -> reject(CallSource.refusal(e)));
              } catch (RuntimeException e) {
                run(() -> fail(e));
              }
            });
  }

  private static String message(Throwable failure) {
    Throwable cause = failure.getCause();
    return String.valueOf((cause == null ? failure : cause).getMessage());
  }

  private void answerAfterRinging() {
    if (state != CallState.RINGING) {
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
    if (state != CallState.RINGING || media == null) {
      return;
    }
    // Start before the 200 is sent: the peer's first packet may arrive within the same millisecond.
    media.start(peer.dialog().remoteAddress());
    answerSentNs = context.nanoClock().getAsLong();
    if (invite.answer(answer)) {
      on(new CallEvent.Answered());
      peer.watch().refreshed();
    } else {
      // Its connection is closed.
      on(new CallEvent.Ended(new CallOutcome.PeerLost()));
    }
  }

  void onAck(byte[] sdp) {
    peer.termination().acknowledged();
    if (!state.isAnswered() || media == null) {
      return;
    }
    timers.clear(CallTimer.ACK);
    media.confirm();
    try {
      media.applyAnswer(sdp);
    } catch (OfferRefusedException e) {
      // RFC 3261 §14.1: a failed renegotiation leaves the session as it was.
      if (state == CallState.ANSWERED) {
        on(new CallEvent.Ended(new CallOutcome.Rejected(e.refusal().status())));
      }
      return;
    }
    if (state == CallState.ANSWERED) {
      on(new CallEvent.Acknowledged());
    } else {
      applyNegotiation();
    }
  }

  void onModify(SipTransaction change) {
    if (state == CallState.OPENING || state == CallState.RINGING || addsStreams) {
      // RFC 3311 §5.2, RFC 3261 §14.2: the INVITE before must be answered first.
      int afterS = ThreadLocalRandom.current().nextInt(11);
      change.reject(
          new SipRefusal(500, "Not Answered Yet", Map.of("Retry-After", Integer.toString(afterS))));
      return;
    }
    if (!state.isAnswered() || media == null) {
      change.reject(SipRefusal.of(481, "Call/Transaction Does Not Exist"));
      return;
    }
    boolean isUpdate = change.method().equals("UPDATE");
    boolean refreshesOnly = isUpdate && change.sdp().length == 0;
    if (!isUpdate && state == CallState.ANSWERED || !refreshesOnly && media.isOurOfferOpen()) {
      change.reject(SipRefusal.of(491, "Request Pending"));
      return;
    }
    context.metrics().modifications.increment();
    change.header(SESSION_ID_HEADER, sessionId.value());
    List<MediaDescription> added =
        recording == null || source == null ? List.of() : media.added(change.sdp());
    int more = recording == null ? 0 : Math.min(added.size(), recording.space());
    if (more == 0) {
      modify(change, refreshesOnly);
      return;
    }
    addsStreams = true;
    media
        .open(more)
        .whenComplete(
            (opened, failure) ->
                run(
                    () -> {
                      addsStreams = false;
                      join(added, opened == null ? List.of() : opened);
                      modify(change, refreshesOnly);
                    }));
  }

  /** Without a port a stream is refused, and the recording goes on. */
  private void join(List<MediaDescription> added, List<CallStream> opened) {
    if (state.isAnswered() && media != null && recording != null && source != null) {
      recording.join(added, opened, media, source, paused);
    } else {
      opened.forEach(CallStream::close);
    }
  }

  private void modify(SipTransaction change, boolean refreshesOnly) {
    if (!state.isAnswered() || media == null) {
      change.reject(SipRefusal.of(481, "Call/Transaction Does Not Exist"));
      return;
    }
    try {
      byte[] body = refreshesOnly ? new byte[0] : media.respond(change.sdp());
      media.start(peer.dialog().remoteAddress());
      change.answer(body);
      peer.watch().refreshed();
      if (recording != null && source != null) {
        recording.update(peer.dialog().toString(), change.recordingMetadata(), source);
        recorded.legsAdded(media);
      }
      applyNegotiation();
    } catch (OfferRefusedException e) {
      // RFC 3261 §14.1: a refused re-INVITE leaves the session as it was.
      change.reject(e.refusal());
    }
  }

  /** The negotiation may have changed the codec or the hold state. */
  private void applyNegotiation() {
    if (media != null && source != null) {
      SessionSource current = source;
      media.codec().ifPresent(codec -> CallSource.describeCodec(current, codec));
      announce(media, current);
      on(media.isHeld() ? new CallEvent.Held() : new CallEvent.Resumed());
    }
  }

  private Duration idleTime() {
    return media == null ? Duration.ZERO : media.idleTime();
  }

  private void flush() {
    if (source != null) {
      source.flush();
    }
  }

  private void reject(SipRefusal refusal) {
    if (state == CallState.OPENING || state == CallState.RINGING) {
      invite.reject(refusal);
      on(new CallEvent.Ended(new CallOutcome.Rejected(refusal.status())));
    }
  }

  private void finish(CallState before, CallOutcome outcome) {
    try {
      timers.close();
      transfer.close();
      pending.end();
      report.sample(media, source, recording);
      if (media != null) {
        media.close();
      }
      recorded.ended(media);
      long nowNs = context.nanoClock().getAsLong();
      context.metrics().ended(outcome, answeredNs == 0 ? 0 : nowNs - answeredNs);
      if (answeredNs == 0) {
        trace.step(new SessionStep.CallSetUp(false, outcome.word()), invitedNs, nowNs);
      }
      peer.end().log(outcome, media);
    } finally {
      // Whatever fails before: the source ends, the peer is told, and the call's place is free.
      complete(before, outcome);
    }
  }

  private void complete(CallState before, CallOutcome outcome) {
    boolean completing = false;
    try {
      peer.end()
          .complete(before, outcome, source, media)
          .thenRun(
              () -> {
                trace.end(outcome.word());
                run(() -> keepRecord(outcome));
              });
      completing = true;
    } finally {
      if (!completing) {
        trace.end(outcome.word());
        registry.remove(this);
      }
    }
  }

  /** The last step: keeping the record blocks, so it has a thread of its own. */
  private void keepRecord(CallOutcome outcome) {
    if (source == null) {
      release();
      registry.remove(this);
      return;
    }
    CallRecord record = report.ended(seen(), outcome);
    release();
    Thread.ofVirtual()
        .name("linescribe-call-record")
        .start(
            () -> {
              try {
                context.callLog().keep(record);
              } finally {
                registry.remove(this);
              }
            });
  }

  /** The stack keeps the dialog, and this call with it, for half a minute; not its audio. */
  private void release() {
    media = null;
    source = null;
    recording = null;
  }

  /** What a transfer does to the call. */
  private final class TransferredCall implements CallTransfer.Transferred {
    @Override
    public Optional<SipRefusal> refusal() {
      boolean isEstablished = state == CallState.ACTIVE || state == CallState.HELD;
      return isEstablished && media != null && !media.isOurOfferOpen()
          ? Optional.empty()
          : Optional.of(SipRefusal.of(491, "Request Pending"));
    }

    @Override
    public byte[] offer(boolean isSecure) {
      return Objects.requireNonNull(media).offerToAnother(isSecure, context.clock().millis());
    }

    @Override
    public void goOn(SipDialog dialog, String to, byte[] answer) throws OfferRefusedException {
      Objects.requireNonNull(media).transferred(answer);
      peer.watch().close();
      peer = peer(dialog);
      if (source != null) {
        source.describe(TRANSFERRED_TO, to);
      }
      attach(dialog);
      applyNegotiation();
      peer.watch().watchSilence();
    }

    @Override
    public void stay(boolean peerIsGone) {
      Objects.requireNonNull(media).notTransferred();
      if (peerIsGone) {
        on(new CallEvent.Ended(new CallOutcome.Completed()));
      }
    }
  }

  boolean isPeer(SipDialog dialog) {
    return peer.dialog() == dialog;
  }

  void onCancel() {
    if (!state.isAnswered()) {
      on(new CallEvent.Ended(new CallOutcome.Cancelled()));
    }
  }

  void onRefer(SipReferral referral) {
    if (state.isAnswered()) {
      transfer.asked(referral, peer.dialog());
    } else {
      referral.reject(SipRefusal.of(481, "Call/Transaction Does Not Exist"));
    }
  }

  void onKey(char digit) {
    if (media != null && state.isAnswered()) {
      context.metrics().telephoneEvents.increment();
      media.key(digit);
    }
  }

  /** The peer sent a BYE, or the stack has given its dialog up. */
  void onPeerEnded(boolean byBye) {
    if (state.isAnswered() && transfer.survivesPeer()) {
      peer.watch().close();
    } else if (byBye) {
      on(new CallEvent.Ended(new CallOutcome.Completed()));
    } else {
      on(
          new CallEvent.Ended(
              state.isAnswered() ? new CallOutcome.NoAck() : new CallOutcome.PeerLost()));
    }
  }

  /** Receives the session's events on the session's thread. */
  private final class SourceEvents implements SourceListener {
    @Override
    public void onEvent(TranscriptEvent event) {
      // Transcript readers subscribe to the session; nothing is sent back over SIP.
    }

    @Override
    public void onClosed(SourceClosed reason) {
      end(new CallOutcome.Closed(reason));
    }
  }
}
