package org.linescribe.api.stt;

import java.time.Duration;
import java.util.Base64;
import org.linescribe.api.SocketFeed;
import org.linescribe.api.WebSocketClose;
import org.linescribe.api.WebSocketPeer;
import org.linescribe.api.WebSocketReceiver;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * One client of {@code /stt/stream}: its audio into the session, transcriptions out.
 *
 * <p>A message that cannot be understood is answered with an error and disturbs nothing: the socket
 * stays open. What ends it: {@code end}, the session's own end, and what only the opening can tell.
 *
 * <p>Thread: the peer's event loop; {@link SourceListener} calls come from the session.
 */
final class SttSocket implements WebSocketReceiver, SourceListener {
  private static final Logger LOG = LoggerFactory.getLogger(SttSocket.class);

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

  private final WebSocketPeer peer;
  private final SttSession session;
  private final SttClients door;
  private final PcmIntake intake;
  private final SocketFeed feed;

  /** Brings what the feed tells to the session's and the door's counters. */
  private record Watch(SttSession session, SttSessions open) implements SocketFeed.Watch {
    @Override
    public void paused() {
      open.pauses.increment();
    }

    @Override
    public void took(int samples) {
      session.tookAudio(samples);
      session.active(System.nanoTime());
    }

    @Override
    public void lost(int samples) {
      open.lostAudioSamples.increment(samples);
    }

    @Override
    public void over() {
      open.ended(session);
    }
  }

  SttSocket(WebSocketPeer peer, SttSession session, SttClients door) {
    this.peer = peer;
    this.session = session;
    this.door = door;
    int rateHz = session.request().legRateHz();
    this.intake = new PcmIntake(session.request().sampleRateHz(), rateHz);
    this.feed =
        new SocketFeed(
            peer, rateHz, door.settings().finishWithin(), new Watch(session, door.open()));
  }

  /** The session takes audio now. */
  void opened(SessionSource opened, boolean resumed) {
    session.active(System.nanoTime());
    if (!feed.opened(opened)) {
      // Whoever closed it may have been faster than whoever counted it as open.
      door.open().ended(session);
      return;
    }
    peer.send(door.messages().sessionStarted(session, resumed, opened.current(0).seq()));
    peer.resumeReading();
    watch();
  }

  @Override
  public void onBinary(byte[] bytes) {
    session.active(System.nanoTime());
    feed.take(intake.add(bytes));
  }

  @Override
  public void onText(String text) {
    session.active(System.nanoTime());
    JsonNode message;
    try {
      message = door.json().readTree(text);
    } catch (JacksonException notJson) {
      complain("invalid JSON");
      return;
    }
    if (!message.path("type").isString()) {
      complain("expected a JSON object with a 'type'");
      return;
    }
    switch (message.get("type").asString()) {
      case "audio" -> audio(message);
      case "end" -> end();
      case "finalize" -> finish();
      case "keepalive" -> owe(door.messages().keptAlive());
      default -> complain("unknown type (expected: audio, finalize, keepalive or end)");
    }
  }

  private void audio(JsonNode message) {
    if (!isOwnRate(message.path("sample_rate"))) {
      complain(
          "sample_rate: this session takes "
              + session.request().sampleRateHz()
              + " Hz, set when it was opened");
      return;
    }
    if (!message.path("data").isString()) {
      complain("audio: expected 'data' in base64");
      return;
    }
    byte[] pcm;
    try {
      pcm = Base64.getDecoder().decode(message.get("data").asString());
    } catch (IllegalArgumentException notBase64) {
      complain("audio: 'data' is not base64");
      return;
    }
    feed.take(intake.add(pcm));
  }

  /** Absent, or as a number or text what was agreed. */
  private boolean isOwnRate(JsonNode rate) {
    String own = Integer.toString(session.request().sampleRateHz());
    String said = rate.isString() ? rate.stringValue() : rate.toString();
    return rate.isMissingNode() || rate.isNull() || said.equals(own) || said.equals(own + ".0");
  }

  /** {@code finalize}: what was said until now becomes final, the session goes on. */
  private void finish() {
    feed.take(intake.drain());
    feed.afterAudio(
        to ->
            to.flush()
                .whenComplete(
                    (_, failure) -> {
                      if (failure == null) {
                        owe(door.messages().finalized(session.id(), to.current(0).seq()));
                      } else {
                        LOG.warn("Session {} could not be finalized", session.id(), failure);
                        owe(door.messages().error("the utterance could not be finalized"));
                      }
                    }));
  }

  /** {@code end}: the last finals, then the close. */
  private void end() {
    if (intake.hasHalfSample()) {
      complain("the audio ended in the middle of a 16-bit sample: 1 byte was dropped");
    }
    feed.take(intake.drain());
    feed.afterAudio(
        to ->
            feed.end("end")
                .whenComplete(
                    (_, _) -> {
                      owe(door.messages().sessionEnded(session.id(), to.current(0).seq()));
                      peer.close(WebSocketClose.NORMAL);
                    }));
  }

  /** A client that has left too much unread is closed. Thread: any. */
  private void owe(String message) {
    if (!peer.send(message) && peer.isOpen()) {
      peer.close(WebSocketClose.TOO_SLOW);
    }
  }

  private void complain(String words) {
    door.open().badMessages.increment();
    owe(door.messages().error(words));
  }

  @Override
  public void onGone() {
    feed.take(intake.drain());
    feed.clientGone();
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    session.said(event);
    String language = session.choice().language();
    switch (event) {
      case TranscriptEvent.Partial partial -> {
        if (!partial.text().isEmpty()) {
          peer.sendLatest(door.messages().write(door.messages().transcription(partial, language)));
        }
      }
      case TranscriptEvent.Final(var segment) ->
          owe(door.messages().write(door.messages().transcription(segment, language)));
      case TranscriptEvent.Ended _ -> {}
    }
  }

  @Override
  public void onWritable() {
    peer.execute(feed::handOn);
  }

  @Override
  public void onClosed(SourceClosed reason) {
    LOG.info("Session {}: source closed, {}", session.id(), reason);
    WebSocketClose close = WebSocketClose.of(reason);
    peer.send(door.messages().error(close.reason()));
    peer.close(close);
    peer.execute(feed::sourceClosed);
  }

  /** Ends the session when nothing comes; holds it while something does, were it a keepalive. */
  private void watch() {
    SessionSource to = feed.source();
    if (to == null) {
      return;
    }
    Duration timeout = door.settings().sessionTimeout();
    long restNs = timeout.toNanos() - session.inactiveNs(System.nanoTime());
    if (restNs <= 0) {
      door.open().expired();
      feed.end("expired")
          .whenComplete(
              (_, _) -> {
                String words = "session expired: nothing came for " + timeout.toSeconds() + " s";
                peer.send(door.messages().error(words));
                peer.close(new WebSocketClose(1000, words));
              });
      return;
    }
    // The session's own clock runs by audio alone.
    to.skip(0, 0);
    peer.schedule(this::watch, Duration.ofNanos(Math.min(restNs + 1, LONGEST_LOOK.toNanos())));
  }
}
