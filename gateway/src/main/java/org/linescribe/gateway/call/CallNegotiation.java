package org.linescribe.gateway.call;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.linescribe.gateway.call.CallTimers.CallTimer;
import org.linescribe.gateway.sdp.MediaDescription;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipTransaction;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;

/**
 * What the peer of an answered call changes: by the answer in its ACK, by a re-INVITE or by an
 * UPDATE. Codec, address, hold and the streams of a recording session follow it.
 *
 * <p>A change that is refused leaves the call as it was. Only the answer in the first ACK ends the
 * call where it cannot be used.
 *
 * <p>Thread: the call's event loop. Source: RFC 3261 §14, RFC 3311, RFC 3264.
 */
final class CallNegotiation {
  private final SessionId sessionId;
  private final CallStateMachine states;
  private final CallTimers timers;
  private final TranscribedCall audio;
  private final CallMetrics metrics;
  private final Supplier<CallPeer> peer;
  private boolean addsStreams;

  /**
   * @param peer the call's at the time
   */
  CallNegotiation(
      SessionId sessionId,
      CallStateMachine states,
      CallTimers timers,
      TranscribedCall audio,
      CallMetrics metrics,
      Supplier<CallPeer> peer) {
    this.sessionId = sessionId;
    this.states = states;
    this.timers = timers;
    this.audio = audio;
    this.metrics = metrics;
    this.peer = peer;
  }

  void onAck(byte[] sdp) {
    peer.get().termination().acknowledged();
    CallMedia media = audio.media();
    if (!states.isAnswered() || media == null) {
      return;
    }
    timers.clear(CallTimer.ACK);
    media.confirm();
    try {
      media.applyAnswer(sdp);
    } catch (OfferRefusedException e) {
      // RFC 3261 §14.1: a failed renegotiation leaves the session as it was.
      if (states.state() == CallState.ANSWERED) {
        states.on(new CallEvent.Ended(new CallOutcome.Rejected(e.refusal().status())));
      }
      return;
    }
    if (states.state() == CallState.ANSWERED) {
      states.on(new CallEvent.Acknowledged());
    } else {
      apply();
    }
  }

  void onModify(SipTransaction change) {
    CallState state = states.state();
    if (state == CallState.OPENING || state == CallState.RINGING || addsStreams) {
      // RFC 3311 §5.2, RFC 3261 §14.2: the INVITE before must be answered first.
      int afterS = ThreadLocalRandom.current().nextInt(11);
      change.reject(
          new SipRefusal(500, "Not Answered Yet", Map.of("Retry-After", Integer.toString(afterS))));
      return;
    }
    CallMedia media = audio.media();
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
    metrics.modifications.increment();
    change.header(Call.SESSION_ID_HEADER, sessionId.value());
    CallRecording recording = audio.recording();
    List<MediaDescription> added =
        recording == null || audio.source() == null ? List.of() : media.added(change.sdp());
    int more = recording == null ? 0 : Math.min(added.size(), recording.space());
    if (more == 0) {
      modify(change, refreshesOnly);
    } else {
      addStreams(media, added, more, () -> modify(change, refreshesOnly));
    }
  }

  private void addStreams(
      CallMedia media, List<MediaDescription> added, int count, Runnable whenAdded) {
    addsStreams = true;
    media
        .open(count)
        .whenComplete(
            (opened, failure) ->
                states.run(
                    () -> {
                      addsStreams = false;
                      join(added, opened == null ? List.of() : opened);
                      whenAdded.run();
                    }));
  }

  /** Without a port a stream is refused, and the recording goes on. */
  private void join(List<MediaDescription> added, List<CallStream> opened) {
    CallMedia media = audio.media();
    CallRecording recording = audio.recording();
    SessionSource source = audio.source();
    if (states.isAnswered() && media != null && recording != null && source != null) {
      recording.join(added, opened, media, source, audio.isPaused());
    } else {
      opened.forEach(CallStream::close);
    }
  }

  private void modify(SipTransaction change, boolean refreshesOnly) {
    CallMedia media = audio.media();
    if (!states.isAnswered() || media == null) {
      change.reject(SipRefusal.of(481, "Call/Transaction Does Not Exist"));
      return;
    }
    try {
      byte[] body = refreshesOnly ? new byte[0] : media.respond(change.sdp());
      media.start(peer.get().dialog().remoteAddress());
      change.answer(body);
      peer.get().watch().refreshed();
      CallRecording recording = audio.recording();
      SessionSource source = audio.source();
      if (recording != null && source != null) {
        recording.update(peer.get().dialog().toString(), change.recordingMetadata(), source);
        audio.legsAdded(media);
      }
      apply();
    } catch (OfferRefusedException e) {
      // RFC 3261 §14.1: a refused re-INVITE leaves the session as it was.
      change.reject(e.refusal());
    }
  }

  /** The negotiation may have changed the codec or the hold state. */
  void apply() {
    CallMedia media = audio.media();
    SessionSource source = audio.source();
    if (media != null && source != null) {
      media.codec().ifPresent(codec -> CallSource.describeCodec(source, codec));
      audio.announce(media, source);
      states.on(media.isHeld() ? new CallEvent.Held() : new CallEvent.Resumed());
    }
  }
}
