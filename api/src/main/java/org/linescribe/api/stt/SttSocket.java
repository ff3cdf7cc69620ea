package org.linescribe.api.stt;

import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import org.linescribe.api.audio.AudioFormat;
import org.linescribe.api.audio.SocketAudio;
import org.linescribe.api.audio.SocketFeed;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.media.format.DecodeException;
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
 * <p>A message that cannot be understood is answered with an error and the socket stays open. Only
 * {@code end}, the end of the session, a container that cannot be decoded and what only the opening
 * can tell close it.
 *
 * <p>Thread: the peer's event loop; {@link SourceListener} calls come from the session.
 */
final class SttSocket implements WebSocketReceiver, SourceListener {
  private static final Logger LOG = LoggerFactory.getLogger(SttSocket.class);

  private static final Duration LONGEST_CHECK = Duration.ofSeconds(10);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final WebSocketPeer peer;
  private final SttSession session;
  private final SttClients clients;
  private final SocketAudio audio;

  /** Updates the counters of the session and of the API. */
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

  SttSocket(WebSocketPeer peer, SttSession session, SttClients clients) {
    this.peer = peer;
    this.session = session;
    this.clients = clients;
    this.audio =
        new SocketAudio(
            peer,
            new AudioFormat(AudioFormat.Encoding.CONTAINER, session.request().sampleRateHz(), 1),
            1,
            1,
            clients.ffmpeg(),
            clients.blockingCalls(),
            clients.settings().finishWithin(),
            new Watch(session, clients.open()),
            this::undecodable);
  }

  /** The session takes audio now. */
  void opened(SessionSource opened, boolean resumed) {
    session.active(System.nanoTime());
    if (!audio.opened(opened)) {
      // Whoever closed it may have been faster than whoever counted it as open.
      clients.open().ended(session);
      return;
    }
    peer.send(clients.messages().sessionStarted(session, resumed, opened.current(0).seq()));
    peer.resumeReading();
    checkActivity();
  }

  @Override
  public void onBinary(byte[] bytes) {
    session.active(System.nanoTime());
    audio.write(bytes);
  }

  private void undecodable(IOException failure) {
    LOG.info("Session {}: the audio cannot be decoded: {}", session.id(), failure.getMessage());
    complain("audio: not decodable");
    boolean busy =
        failure instanceof DecodeException e && e.reason() == DecodeException.Reason.BUSY;
    peer.close(
        busy
            ? WebSocketClose.tryAgain("all decoders are in use", RETRY_AFTER)
            : WebSocketClose.badRequest("audio: not decodable"));
  }

  @Override
  public void onText(String text) {
    session.active(System.nanoTime());
    JsonNode message;
    try {
      message = clients.json().readTree(text);
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
      case "keepalive" -> send(clients.messages().keptAlive());
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
    audio.write(pcm);
  }

  /** Whether it is absent or, as a number or a text, the agreed rate. */
  private boolean isOwnRate(JsonNode rate) {
    String own = Integer.toString(session.request().sampleRateHz());
    String said = rate.isString() ? rate.stringValue() : rate.toString();
    return rate.isMissingNode() || rate.isNull() || said.equals(own) || said.equals(own + ".0");
  }

  /** {@code finalize}: what was said until now becomes final, the session goes on. */
  private void finish() {
    audio.afterAudio(
        to ->
            to.flush()
                .whenComplete(
                    (_, failure) -> {
                      if (failure == null) {
                        send(clients.messages().finalized(session.id(), to.current(0).seq()));
                      } else {
                        LOG.warn("Session {} could not be finalized", session.id(), failure);
                        send(clients.messages().error("the utterance could not be finalized"));
                      }
                    }));
  }

  /** {@code end}: the last finals, then the close. */
  private void end() {
    if (audio.hasPartialFrame()) {
      complain("the audio ended in the middle of a 16-bit sample: 1 byte was dropped");
    }
    audio.afterEnd(
        to ->
            audio
                .end("end")
                .whenComplete(
                    (_, _) -> {
                      long next = to.current(0).seq();
                      send(clients.messages().sessionEnded(session.id(), next));
                      peer.close(WebSocketClose.NORMAL);
                    }));
  }

  /** Closes a client that has left too much unread. Thread: any. */
  private void send(String message) {
    if (!peer.send(message) && peer.isOpen()) {
      peer.close(WebSocketClose.TOO_SLOW);
    }
  }

  private void complain(String words) {
    clients.open().badMessages.increment();
    send(clients.messages().error(words));
  }

  @Override
  public void onGone() {
    audio.clientGone();
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    session.said(event);
    String language = session.language();
    switch (event) {
      case TranscriptEvent.Partial partial -> {
        if (!partial.text().isEmpty()) {
          peer.sendLatest(
              clients.messages().write(clients.messages().transcription(partial, language)));
        }
      }
      case TranscriptEvent.Final(var segment) ->
          send(clients.messages().write(clients.messages().transcription(segment, language)));
      case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
    }
  }

  @Override
  public void onWritable() {
    audio.onWritable();
  }

  @Override
  public void onClosed(SourceClosed reason) {
    LOG.info("Session {}: source closed, {}", session.id(), reason);
    WebSocketClose close = WebSocketClose.of(reason);
    peer.send(clients.messages().error(close.reason()));
    peer.close(close);
    audio.sourceClosed();
  }

  /**
   * Ends the session of a silent client, and keeps it open while anything comes, if only a
   * keepalive.
   */
  private void checkActivity() {
    SessionSource to = audio.source();
    if (to == null) {
      return;
    }
    Duration timeout = clients.settings().sessionTimeout();
    long restNs = timeout.toNanos() - session.inactiveNs(System.nanoTime());
    if (restNs <= 0) {
      clients.open().expired();
      audio
          .end("expired")
          .whenComplete(
              (_, _) -> {
                String words = "session expired: nothing came for " + timeout.toSeconds() + " s";
                peer.send(clients.messages().error(words));
                peer.close(new WebSocketClose(1000, words));
              });
      return;
    }
    // The session's own idle time counts from its last audio.
    to.skip(0, 0);
    peer.schedule(
        this::checkActivity, Duration.ofNanos(Math.min(restNs + 1, LONGEST_CHECK.toNanos())));
  }
}
