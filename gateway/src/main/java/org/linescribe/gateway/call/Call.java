package org.linescribe.gateway.call;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.call.CallAlarms.Alarm;
import org.linescribe.gateway.rtp.RtpSession;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipDialogListener;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipTransaction;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: its dialog, its media and its session's source.
 *
 * <p>Thread: its event loop, for everything; what other threads have to say is executed there.
 */
final class Call {
  static final String SESSION_ID_HEADER = "X-Session-Id";
  private static final Logger LOG = LoggerFactory.getLogger(Call.class);
  private static final int LAST_WORDS_S = 10;

  private final EventLoop loop;
  private final CallRoom room;
  private final SipDialog dialog;
  private final SipTransaction invite;
  private final SessionId sessionId;
  private final long invitedNs;
  private final CallAlarms alarms;
  private final CallEar ear;
  private final Farewell farewell;
  private CallState state = CallState.OPENING;
  private @Nullable CallMedia media;
  private @Nullable SessionSource source;
  private byte[] answer = new byte[0];
  private long answeredNs;

  Call(
      EventLoop loop, CallRoom room, SipDialog dialog, SipTransaction invite, SessionId sessionId) {
    this.loop = loop;
    this.alarms = new CallAlarms(loop, this::run);
    this.ear = new CallEar(room.metrics(), outcome -> on(new CallEvent.Ended(outcome)), this::fail);
    this.room = room;
    this.dialog = dialog;
    this.invite = invite;
    this.sessionId = sessionId;
    this.farewell = new Farewell(dialog, invite, room.settings());
    this.invitedNs = room.nanoClock().getAsLong();
    dialog.listener(new Peer());
  }

  /** Takes the call up. Thread: any. */
  void begin() {
    run(this::open);
  }

  /** Ends the call from without. Thread: any. */
  void end(CallOutcome outcome) {
    run(() -> on(new CallEvent.Ended(outcome)));
  }

  SessionId sessionId() {
    return sessionId;
  }

  /**
   * Runs on the call's loop; a bug ends this call only.
   *
   * @return false when the gateway is closed and nothing runs any more
   */
  private boolean run(Runnable task) {
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
    LOG.error("session {}: call {} failed", sessionId, dialog, e);
    on(new CallEvent.Ended(new CallOutcome.Failed(e.toString())));
  }

  /** The one place where the state changes. */
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
        ear.speakTo(opened.source());
        if (room.settings().answerDelay().isZero()) {
          answer();
        } else {
          alarms.set(Alarm.ANSWER, room.settings().answerDelay(), this::answer);
        }
      }
      case CallEvent.Answered answered -> {
        answeredNs = room.nanoClock().getAsLong();
        room.metrics().answered(answeredNs - invitedNs);
        farewell.answered();
        alarms.set(
            Alarm.ACK,
            room.settings().ackTimeout(),
            () -> on(new CallEvent.Ended(new CallOutcome.NoAck())));
      }
      case CallEvent.Acknowledged acknowledged -> followAgreement();
      case CallEvent.Held held -> flush();
      case CallEvent.Resumed resumed -> {}
      case CallEvent.Ended ended -> finish(before, ended.outcome());
    }
  }

  private void open() {
    if (state != CallState.OPENING) {
      return;
    }
    try {
      CallMedia.check(invite.sdp());
    } catch (CallMedia.Refused e) {
      reject(e.refusal());
      return;
    }
    alarms.set(
        Alarm.OPEN,
        room.settings().openTimeout(),
        () -> {
          if (state == CallState.OPENING) {
            reject(
                SipRefusal.unavailable("Session not opened in time", room.settings().retryAfter()));
          }
        });
    room.rtp().open(loop, ear).whenComplete((rtp, failure) -> run(() -> onPorts(rtp, failure)));
  }

  private void onPorts(@Nullable RtpSession rtp, @Nullable Throwable failure) {
    if (rtp == null) {
      reject(
          SipRefusal.unavailable(
              failure == null ? "No media port" : String.valueOf(failure.getMessage()),
              room.settings().retryAfter()));
      return;
    }
    if (state != CallState.OPENING) {
      rtp.close();
      return;
    }
    CallMedia opened = new CallMedia(rtp, room.mediaAddress(dialog), room.clock().millis());
    media = opened;
    try {
      answer = opened.respond(invite.sdp());
    } catch (CallMedia.Refused e) {
      reject(e.refusal());
      return;
    }
    invite.header(SESSION_ID_HEADER, sessionId.value());
    invite.ringing();
    SourceRequest request = CallSource.request(sessionId, dialog, opened);
    // The store is read here: not on an event loop.
    Thread.ofVirtual()
        .name("linescribe-open-" + sessionId)
        .start(
            () -> {
              try {
                SessionSource taken = room.sessions().open(request, new Session());
                if (!run(() -> on(new CallEvent.Opened(taken)))) {
                  taken.end(new CallOutcome.Drained().word());
                }
              } catch (SessionRefusedException e) {
                run(() -> reject(CallSource.refusal(e)));
              } catch (RuntimeException e) {
                run(() -> fail(e));
              }
            });
  }

  private void answer() {
    if (state != CallState.RINGING || media == null) {
      return;
    }
    // Before the 200 is out: the peer's first packet may come back within the same millisecond.
    media.start();
    if (invite.accept(answer)) {
      on(new CallEvent.Answered());
      armRefreshTimer();
    } else {
      on(new CallEvent.Ended(new CallOutcome.Failed("200 could not be sent")));
    }
  }

  private void onAck(byte[] sdp) {
    farewell.acknowledged();
    if (!state.isAnswered() || media == null) {
      return;
    }
    alarms.clear(Alarm.ACK);
    try {
      media.acknowledged(sdp);
    } catch (CallMedia.Refused e) {
      // A call that had its media already goes on with it, as after an offer that was refused.
      if (state == CallState.ANSWERED) {
        on(new CallEvent.Ended(new CallOutcome.Rejected(e.refusal().status())));
      }
      return;
    }
    if (state == CallState.ANSWERED) {
      on(new CallEvent.Acknowledged());
    } else {
      followAgreement();
    }
  }

  private void onModify(SipTransaction change) {
    if (state == CallState.OPENING || state == CallState.RINGING) {
      // RFC 3311 §5.2, RFC 3261 §14.2: the answer to the INVITE first.
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
    room.metrics().modifications.increment();
    change.header(SESSION_ID_HEADER, sessionId.value());
    try {
      change.accept(refreshesOnly ? new byte[0] : media.respond(change.sdp()));
      armRefreshTimer();
      followAgreement();
    } catch (CallMedia.Refused e) {
      // The call goes on as it was: RFC 3261 §14.1.
      change.reject(e.refusal());
    }
  }

  /** What was agreed on may be another law, or nothing to hear for now. */
  private void followAgreement() {
    if (media != null && source != null) {
      SessionSource told = source;
      media.law().ifPresent(law -> told.describe(CallSource.LAW, law));
      on(media.isHeld() ? new CallEvent.Held() : new CallEvent.Resumed());
    }
  }

  private void armRefreshTimer() {
    alarms.clear(Alarm.REFRESH);
    dialog
        .refreshLimit()
        .ifPresent(
            limit ->
                alarms.set(
                    Alarm.REFRESH,
                    limit,
                    () -> on(new CallEvent.Ended(new CallOutcome.Expired()))));
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
    alarms.clear();
    if (media != null) {
      media.rtp().close();
    }
    long nowNs = room.nanoClock().getAsLong();
    room.metrics().ended(outcome, answeredNs == 0 ? 0 : nowNs - answeredNs);
    LOG.info(
        "session {}: call {} ended: {} {}",
        sessionId,
        dialog,
        outcome.word(),
        media == null ? "" : media.rtp().summary());
    CompletionStage<?> lastWords = lastWords(outcome);
    // A drained call hears its BYE when its last words are safe; any other at once.
    CompletionStage<?> told =
        outcome instanceof CallOutcome.Drained
            ? lastWords.handle((done, failure) -> farewell.say(before, outcome)).thenCompose(s -> s)
            : farewell.say(before, outcome);
    lastWords.whenComplete(
        (done, failure) -> {
          if (failure != null) {
            LOG.warn("session {}: its end is not confirmed: {}", sessionId, failure.toString());
          }
          // Only when the peer knows may the gateway go.
          told.whenComplete((said, unheard) -> room.gone(this));
        });
  }

  private CompletionStage<?> lastWords(CallOutcome outcome) {
    if (source == null) {
      return CompletableFuture.completedStage(null);
    }
    try {
      return source.end(outcome.word()).toCompletableFuture().orTimeout(LAST_WORDS_S, SECONDS);
    } catch (RuntimeException e) {
      // A bug there must not keep the peer in a call that is over.
      return CompletableFuture.failedStage(e);
    }
  }

  /** What the dialog says, brought to the call's loop. */
  private final class Peer implements SipDialogListener {
    @Override
    public void onCancel() {
      run(
          () -> {
            if (!state.isAnswered()) {
              on(new CallEvent.Ended(new CallOutcome.Cancelled()));
            }
          });
    }

    @Override
    public void onAck(byte[] sdp) {
      run(() -> Call.this.onAck(sdp));
    }

    @Override
    public void onModify(SipTransaction transaction) {
      run(() -> Call.this.onModify(transaction));
    }

    @Override
    public void onBye() {
      end(new CallOutcome.Completed());
    }

    @Override
    public void onLost(String why) {
      run(
          () ->
              on(
                  new CallEvent.Ended(
                      state.isAnswered() ? new CallOutcome.NoAck() : new CallOutcome.Failed(why))));
    }
  }

  /** What the session says, on a thread of its own. */
  private final class Session implements SourceListener {
    @Override
    public void onEvent(TranscriptEvent event) {
      // Readers subscribe; the telephone has no screen.
    }

    @Override
    public void onClosed(SourceClosed reason) {
      end(new CallOutcome.Closed(reason));
    }
  }
}
