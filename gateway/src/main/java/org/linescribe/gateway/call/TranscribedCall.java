package org.linescribe.gateway.call;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.trunk.Route;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.calls.AnnouncementTimes;
import org.linescribe.session.calls.CallControl.RecordingOrder;

/**
 * A call's audio on its way into the transcript: the media that brings it, the session's source
 * that takes it, and what keeps it from there or copies it on the way: a pause, an announcement, a
 * recording.
 *
 * <p>Media and source are missing before they are open and after {@link #release()}; what needs
 * them does nothing then. Nothing that a peer sends makes a method throw.
 *
 * <p>Thread: the call's event loop.
 */
final class TranscribedCall {
  private final CallContext context;
  private final CallStateMachine states;
  private final Route route;
  private final RecordedCall recorded;
  private CallAnnouncement announcement;
  private @Nullable CallMedia media;
  private @Nullable CallRecording recording;
  private @Nullable SessionSource source;
  private boolean paused;

  TranscribedCall(CallContext context, CallStateMachine states, SessionId sessionId, Route route) {
    this.context = context;
    this.states = states;
    this.route = route;
    this.announcement = new CallAnnouncement(context.announcements().of(route), context.clock());
    this.recorded = new RecordedCall(sessionId, context.recordings(), states::run);
  }

  /** The media of each stream; null before its ports are bound. */
  @Nullable CallMedia media() {
    return media;
  }

  /** Null before the session is open. */
  @Nullable SessionSource source() {
    return source;
  }

  /** The recording session (SIPREC) that the call is; null for any other. */
  @Nullable CallRecording recording() {
    return recording;
  }

  boolean isPaused() {
    return paused;
  }

  /** "off", "on" or "paused". */
  String recordingState() {
    return recorded.state();
  }

  Optional<AnnouncementTimes> announcementTimes() {
    return announcement.times();
  }

  /** The offer was read. */
  void offered(@Nullable CallRecording asked) {
    recording = asked;
  }

  /** Its ports are bound. */
  void bound(CallMedia opened) {
    media = opened;
    if (recording != null) {
      // The client that records has told the parties, and takes no audio of ours.
      announcement = new CallAnnouncement(Optional.empty(), context.clock());
    }
    opened.announcing(announcement.isDue());
  }

  /** Its session is open. */
  void attach(SessionSource opened) {
    source = opened;
    if (media != null) {
      media.attach(opened);
      media.pause(paused);
    }
  }

  /** The 200 was sent. */
  void answered() {
    if (!announcement.isDue()) {
      recordByRule();
    }
  }

  private void recordByRule() {
    if (media != null) {
      recorded.answered(media, route.wantsRecording());
    }
  }

  /**
   * Plays the announcement that nobody was asked to play yet. To a peer that has only sent so far,
   * a fork of a call's media, nothing can be played: it is transcribed without, and told when it
   * listens.
   */
  void announce(CallMedia on, SessionSource to) {
    if (!announcement.isUnasked() || states.state() == CallState.ANSWERED) {
      return;
    }
    if (on.onlyReceives()) {
      onAnnounced();
    } else {
      on.announcing(true);
      announcement.play(on, to, this::onAnnounced);
    }
  }

  /** The call goes on with somebody who has not heard the announcement. */
  void anotherPeer() {
    announcement.anotherPeer();
  }

  /** The caller knows: transcript and recording begin. */
  private void onAnnounced() {
    if (media != null && states.isAnswered()) {
      media.announcing(false);
      recordByRule();
    }
  }

  /** Leaves the audio out of the transcript, or takes it in again. */
  void pause(boolean on) {
    paused = on;
    if (media != null) {
      media.pause(on);
    }
    if (on) {
      flush();
    }
  }

  /** Begins, pauses or ends the recording. */
  void record(RecordingOrder order) {
    if (media != null && states.isAnswered()) {
      recorded.order(media, order);
    }
  }

  /** A recording session has got streams more. */
  void legsAdded(CallMedia to) {
    recorded.legsAdded(to);
  }

  /** The peer pressed a key, by whatever way it came. */
  void onPressed(char key) {
    if (context.settings().recordingKey().equals(String.valueOf(key))) {
      recorded.toggle(media);
    }
  }

  /** A key came by signalling. */
  void key(char digit) {
    if (media != null && states.isAnswered()) {
      context.metrics().telephoneEvents.increment();
      media.key(digit);
    }
  }

  /** Sets an attribute of the session. */
  void describe(String key, String value) {
    if (source != null) {
      source.describe(key, value);
    }
  }

  /** What was said becomes final. */
  void flush() {
    if (source != null) {
      source.flush();
    }
  }

  /** Time since the last media packet. */
  Duration idleTime() {
    return media == null ? Duration.ZERO : media.idleTime();
  }

  /** The call has ended: closes the ports and the recording. */
  void close() {
    if (media != null) {
      media.close();
    }
    recorded.ended(media);
  }

  /** The stack keeps the dialog, and this call with it, for half a minute; not its audio. */
  void release() {
    media = null;
    source = null;
    recording = null;
  }
}
