package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.media.format.DecodeException;
import org.linescribe.session.recordings.RecordingStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One client of a session. A message is worked on a virtual thread while the peer is paused: the
 * client is held back by TCP, answers go out in the order of the messages, and the event loop never
 * waits for a disk or a decoder.
 */
final class AudioConnection implements WebSocketReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(AudioConnection.class);
  private static final String FAILED = "Failed to process chunk";

  /** Finds or creates the session of a connection. */
  interface Admission {
    /**
     * Blocks.
     *
     * @throws RefusedConnectionException with the message for the client
     */
    AudioSession admit(AudioConnection connection) throws RefusedConnectionException;
  }

  private final WebSocketPeer peer;
  private final AudioSessions sessions;
  private final BlockingCalls blocking;
  private final JsonMapper json;
  private final boolean greets;
  private final AtomicBoolean idle = new AtomicBoolean();
  private volatile @Nullable AudioSession session;
  private volatile @Nullable RecordingStream stream;
  private volatile Instant lastMessageAt;
  private volatile boolean answered;
  private volatile boolean endTold;
  private boolean gone;

  AudioConnection(
      WebSocketPeer peer,
      AudioSessions sessions,
      BlockingCalls blocking,
      JsonMapper json,
      boolean greets) {
    this.peer = peer;
    this.sessions = sessions;
    this.blocking = blocking;
    this.json = json;
    this.greets = greets;
    this.lastMessageAt = sessions.clock().instant();
  }

  /** Finds or makes the session, then reads. Thread: the peer's event loop. */
  void start(Admission admission) {
    peer.pauseReading();
    blocking.execute(() -> admit(admission));
  }

  private void admit(Admission admission) {
    try {
      AudioSession joined = admission.admit(this);
      stream = sessions.stream(joined);
      session = joined;
      peer.execute(() -> admitted(joined));
    } catch (RefusedConnectionException refused) {
      answer(refused.body());
      peer.close(refused.close());
    } catch (RuntimeException bug) {
      LOG.error("An audio session could not be opened", bug);
      answer(Map.of("error", "Session creation failed"));
      peer.close(WebSocketClose.FAILED);
    }
  }

  private void admitted(AudioSession joined) {
    lastMessageAt = sessions.clock().instant();
    if (gone) {
      leave();
      return;
    }
    if (greets) {
      peer.schedule(() -> greet(joined), sessions.settings().greetingDelay());
    }
    peer.resumeReading();
  }

  private void greet(AudioSession joined) {
    if (!answered) {
      answered = true;
      send(response(joined, "Session created", null));
    }
  }

  @Override
  public void onBinary(byte[] bytes) {
    answered = true;
    work(joined -> chunk(joined, bytes));
  }

  @Override
  public void onText(String text) {
    answered = true;
    work(joined -> control(joined, text));
  }

  private interface Work {
    void run(AudioSession session) throws InterruptedException;
  }

  private void work(Work work) {
    AudioSession joined = session;
    if (joined == null) {
      return;
    }
    lastMessageAt = sessions.clock().instant();
    peer.pauseReading();
    blocking.execute(
        () -> {
          try {
            work.run(joined);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (RuntimeException bug) {
            LOG.error("Audio session {}: a message failed", joined.id(), bug);
            peer.close(WebSocketClose.FAILED);
          } finally {
            peer.execute(peer::resumeReading);
          }
        });
  }

  private void chunk(AudioSession joined, byte[] bytes) throws InterruptedException {
    if (bytes.length > sessions.settings().maxChunk().toBytes()) {
      sessions.meters().refused("max-chunk");
      reply(response(joined, FAILED, "a chunk of " + bytes.length + " bytes is too large"));
      peer.close(WebSocketClose.tooBig(sessions.settings().maxChunk().toBytes()));
      return;
    }
    if (bytes.length == 0) {
      reply(response(joined, "Empty chunk ignored", null));
      return;
    }
    try {
      ingest(joined, bytes);
    } catch (DecodeException e) {
      if (e.reason() == DecodeException.Reason.BUSY) {
        busy(joined, e);
      } else {
        failed(joined, e);
      }
      return;
    } catch (IOException e) {
      failed(joined, e);
      return;
    }
    long count = joined.countChunk(bytes.length);
    reply(
        new ChunkResponse(
            "Chunk processed successfully", joined.id(), count, joined.status(), null));
  }

  private synchronized void ingest(AudioSession joined, byte[] bytes) throws IOException {
    RecordingStream open = stream;
    if (open == null || !joined.takesAudio()) {
      throw new IOException("the session is " + joined.status().word());
    }
    open.write(bytes);
  }

  /** No decoder is free: the client may reconnect, and its session is intact. */
  private void busy(AudioSession joined, DecodeException failure) throws InterruptedException {
    sessions.meters().refused("decoders");
    RecordingStream open = stream;
    if (open != null) {
      open.abandon();
    }
    reply(response(joined, FAILED, failure.getMessage()));
    peer.close(WebSocketClose.tryAgain("all decoders are in use", Duration.ofSeconds(30)));
  }

  private void failed(AudioSession joined, IOException failure) throws InterruptedException {
    if (joined.takesAudio()) {
      blame(joined, failure);
    }
    endTold = true;
    reply(response(joined, FAILED, joined.error()));
    sessions.close(joined, "error");
    peer.close(
        joined.status() == SessionStatus.ERROR
            ? new WebSocketClose(1011, "processing failed: " + joined.error())
            : new WebSocketClose(1000, "session closed"));
  }

  private void blame(AudioSession joined, IOException failure) {
    boolean storage =
        failure instanceof DecodeException e && e.reason() == DecodeException.Reason.SINK_FAILED;
    RecordingStream open = stream;
    if (!storage && open != null) {
      open.abandon();
    }
    String kind =
        failure instanceof DecodeException e
            ? "decoder-" + e.reason().name().toLowerCase(java.util.Locale.ROOT)
            : "stream";
    joined.fail("the audio cannot be decoded: " + failure.getMessage(), kind);
  }

  private void control(AudioSession joined, String text) throws InterruptedException {
    JsonNode message;
    try {
      message = json.readTree(text);
    } catch (JacksonException notJson) {
      sessions.meters().refused("control");
      reply(Map.of("error", "Invalid control message", "session_id", joined.id()));
      return;
    }
    String type = message.path("type").asString("");
    String action = message.path("action").asString("");
    if (!type.equals("control") || !action.equals("close_session")) {
      sessions.meters().refused("control");
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("error", "Unknown control message");
      body.put("session_id", joined.id());
      body.put("valid_values", java.util.List.of("close_session"));
      reply(body);
      return;
    }
    sessions.close(joined, "control");
    reply(response(joined, "Session closed", joined.error()));
    peer.close(WebSocketClose.NORMAL);
  }

  /** Another connection or the clock has closed the session. */
  void sessionClosed(AudioSession joined) {
    if (endTold) {
      return;
    }
    if (joined.status() == SessionStatus.ERROR) {
      send(response(joined, FAILED, joined.error()));
      peer.close(new WebSocketClose(1011, "processing failed: " + joined.error()));
    } else {
      send(response(joined, "Session closed", null));
      peer.close(new WebSocketClose(1000, "session closed"));
    }
  }

  /** Ends the stream into the file; the session is failed when that does not succeed. Blocks. */
  void finishStream() {
    AudioSession joined = session;
    RecordingStream open = stream;
    if (joined == null || open == null) {
      return;
    }
    synchronized (this) {
      try {
        if (joined.status() == SessionStatus.ERROR) {
          open.close();
        } else {
          open.finish();
        }
      } catch (DecodeException e) {
        if (e.reason() == DecodeException.Reason.CANCELLED) {
          LOG.warn("Audio session {}: the next start brings the rest of a stream", joined.id());
        } else {
          blame(joined, e);
        }
      } catch (IOException e) {
        blame(joined, e);
      }
    }
  }

  boolean isIdle(Instant now, Duration timeout) {
    return lastMessageAt.plus(timeout).isBefore(now);
  }

  /** No message for the time-out. */
  void closeIdle(Duration timeout) {
    if (idle.compareAndSet(false, true)) {
      sessions.meters().refused("connection-timeout");
    }
    peer.close(new WebSocketClose(1000, "idle: no message for " + timeout.toSeconds() + " s"));
  }

  @Override
  public void onGone() {
    gone = true;
    leave();
  }

  private void leave() {
    AudioSession joined = session;
    if (joined != null) {
      blocking.execute(
          () -> {
            finishStream();
            joined.leave(this);
            if (joined.status() == SessionStatus.ERROR) {
              sessions.close(joined, "error");
            }
          });
    }
  }

  private ChunkResponse response(AudioSession joined, String message, @Nullable String error) {
    return new ChunkResponse(message, joined.id(), joined.chunks(), joined.status(), error);
  }

  /** Waits while the client does not read its answers: then its chunks are not read either. */
  private void reply(Object body) throws InterruptedException {
    // The idle time counts from the answer, because processing may have taken a while.
    lastMessageAt = sessions.clock().instant();
    peer.sendWaiting(json.writeValueAsString(body));
  }

  private void answer(Object body) {
    send(body);
  }

  private void send(Object body) {
    if (!peer.send(json.writeValueAsString(body))) {
      LOG.debug("An answer was not taken by {}", peer.remoteAddress());
    }
  }
}
