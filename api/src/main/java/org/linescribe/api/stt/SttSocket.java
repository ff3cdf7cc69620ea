package org.linescribe.api.stt;

import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
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

  /** 100 ms at 16 kHz: the queue of a session may be shorter than the largest message. */
  private static final int SLICE_SAMPLES = 1600;

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);
  private static final float[] NOTHING = {};

  private final WebSocketPeer peer;
  private final SttSession session;
  private final SttClients door;
  private final PcmIntake intake;

  private @Nullable SessionSource source;
  private float[] pending = NOTHING;
  private int pendingFrom;
  private boolean queueFull;
  private boolean gone;
  private boolean ended;
  private @Nullable Runnable afterPending;

  SttSocket(WebSocketPeer peer, SttSession session, SttClients door) {
    this.peer = peer;
    this.session = session;
    this.door = door;
    this.intake = new PcmIntake(session.request().sampleRateHz(), session.request().legRateHz());
  }

  /** The session takes audio now. */
  void opened(SessionSource opened, boolean resumed) {
    source = opened;
    session.active(System.nanoTime());
    if (gone) {
      end("disconnect");
      return;
    }
    peer.send(door.messages().sessionStarted(session, resumed, opened.current(0).seq()));
    peer.resumeReading();
    watch();
  }

  @Override
  public void onBinary(byte[] bytes) {
    session.active(System.nanoTime());
    take(intake.add(bytes));
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
      case "keepalive" -> peer.sendLatest(door.messages().keptAlive());
      default -> complain("unknown type (expected: audio, finalize, keepalive or end)");
    }
  }

  private void audio(JsonNode message) {
    JsonNode rate = message.path("sample_rate");
    if (rate.isNumber() && rate.asInt() != session.request().sampleRateHz()) {
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
    take(intake.add(pcm));
  }

  /** {@code finalize}: what was said until now becomes final, the session goes on. */
  private void finish() {
    after(
        to ->
            to.flush()
                .whenComplete(
                    (_, failure) -> {
                      if (failure == null) {
                        peer.send(door.messages().finalized(session.id(), to.current(0).seq()));
                      } else {
                        LOG.warn("Session {} could not be finalized", session.id(), failure);
                        peer.send(door.messages().error("the utterance could not be finalized"));
                      }
                    }));
  }

  /** {@code end}: the last finals, then the close. */
  private void end() {
    if (intake.hasHalfSample()) {
      complain("the audio ended in the middle of a 16-bit sample: 1 byte was dropped");
    }
    after(
        to -> {
          ended = true;
          door.open().ended(session);
          to.end("end")
              .whenComplete(
                  (_, failure) -> {
                    if (failure != null) {
                      LOG.error("Session {} did not end cleanly", session.id(), failure);
                    }
                    peer.send(door.messages().sessionEnded(session.id(), to.current(0).seq()));
                    peer.close(WebSocketClose.NORMAL);
                  });
        });
  }

  /** Does it when all audio that came before is in the session; no message is read until then. */
  private void after(java.util.function.Consumer<SessionSource> step) {
    afterPending =
        () -> {
          SessionSource to = source;
          if (to != null && !ended) {
            step.accept(to);
          }
        };
    take(intake.drain());
  }

  private void complain(String words) {
    door.open().badMessages.increment();
    peer.sendLatest(door.messages().error(words));
  }

  @Override
  public void onGone() {
    gone = true;
    if (source == null || ended) {
      return;
    }
    afterPending = () -> end("disconnect");
    take(intake.drain());
    if (!ended) {
      peer.schedule(this::giveUpPending, door.settings().finishWithin());
    }
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
      case TranscriptEvent.Final(var segment) -> {
        String message = door.messages().write(door.messages().transcription(segment, language));
        if (!peer.send(message) && peer.isOpen()) {
          peer.close(
              WebSocketClose.badRequest(
                  "too slow: finals unread; they are kept, read them at /ws/subscribe"));
        }
      }
      case TranscriptEvent.Ended _ -> {}
    }
  }

  @Override
  public void onWritable() {
    peer.execute(this::pump);
  }

  @Override
  public void onClosed(SourceClosed reason) {
    LOG.info("Session {}: source closed, {}", session.id(), reason);
    WebSocketClose close = WebSocketClose.of(reason);
    peer.send(door.messages().error(close.reason()));
    peer.close(close);
    door.open().ended(session);
    peer.execute(
        () -> {
          ended = true;
          dropPending();
        });
  }

  private void take(float[] samples) {
    if (ended) {
      return;
    }
    if (pendingFrom == pending.length) {
      pending = samples;
      pendingFrom = 0;
    } else if (samples.length > 0) {
      float[] longer =
          java.util.Arrays.copyOfRange(pending, pendingFrom, pending.length + samples.length);
      System.arraycopy(samples, 0, longer, pending.length - pendingFrom, samples.length);
      pending = longer;
      pendingFrom = 0;
    }
    pump();
  }

  /** Hands on what is pending until the session's queue is full; then TCP holds the client back. */
  private void pump() {
    SessionSource to = source;
    if (to == null || ended) {
      return;
    }
    while (pendingFrom < pending.length) {
      int length = Math.min(SLICE_SAMPLES, pending.length - pendingFrom);
      if (!to.accept(0, pending, pendingFrom, length)) {
        if (!queueFull) {
          queueFull = true;
          door.open().pauses.increment();
          peer.pauseReading();
        }
        return;
      }
      session.tookAudio(length);
      session.active(System.nanoTime());
      pendingFrom += length;
    }
    pending = NOTHING;
    pendingFrom = 0;
    Runnable step = afterPending;
    afterPending = null;
    if (step != null) {
      step.run();
    }
    if (queueFull && !gone) {
      queueFull = false;
      peer.resumeReading();
    }
  }

  /** Ends the session when nothing comes; holds it while something does, were it a keepalive. */
  private void watch() {
    SessionSource to = source;
    if (gone || ended || to == null) {
      return;
    }
    Duration timeout = door.settings().sessionTimeout();
    long restNs = timeout.toNanos() - session.inactiveNs(System.nanoTime());
    if (restNs <= 0) {
      door.open().expired();
      ended = true;
      door.open().ended(session);
      to.end("expired")
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

  private void giveUpPending() {
    if (!ended) {
      dropPending();
      end("disconnect");
    }
  }

  private void dropPending() {
    door.open().lostAudioSamples.increment(pending.length - pendingFrom);
    pending = NOTHING;
    pendingFrom = 0;
    afterPending = null;
  }

  private void end(String reason) {
    SessionSource to = source;
    if (ended || to == null) {
      return;
    }
    ended = true;
    door.open().ended(session);
    to.end(reason)
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                LOG.error("Session {} did not end cleanly", session.id(), failure);
              }
            });
  }
}
