package org.linescribe.api.socketio;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.TranscriptFeed;
import org.linescribe.api.TranscriptJson;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client in the namespace {@code /streaming}: the document's events.
 *
 * <p>Thread: the connection's worker, one call at a time, except {@link #supersede} and {@link
 * #forceStop}. Blocks.
 */
final class StreamingClient {
  static final String NAMESPACE = "/streaming";
  static final String FAILED = "Failed to process audio";
  static final String EMPTY = "Audio buffer is empty";
  private static final Logger LOG = LoggerFactory.getLogger(StreamingClient.class);

  private final EngineSession engine;
  private final Recordings recordings;
  private final JsonMapper json;
  private final TranscriptJson transcripts;
  private final String sid;
  private final ReentrantLock lock = new ReentrantLock();
  private String id;
  private @Nullable Recording recording;
  private boolean superseded;

  StreamingClient(EngineSession engine, Recordings recordings, JsonMapper json) {
    this.engine = engine;
    this.recordings = recordings;
    this.sid = recordings.newId();
    this.id = sid;
    this.json = json;
    this.transcripts = new TranscriptJson(json);
  }

  /** The client asked for what cannot be given. */
  static final class RefusedClientException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, Object> data;

    RefusedClientException(String message, Map<String, Object> data) {
      super(message);
      this.data = data;
    }

    Map<String, Object> data() {
      return data;
    }
  }

  String sid() {
    return sid;
  }

  String id() {
    return id;
  }

  /** Begins a recording, or goes on with one. */
  void join(RecordingRequest request) throws RefusedClientException {
    id = request.sessionId().map(asked -> asked.value()).orElse(sid);
    recordings.join(id, sid, this);
    lock.lock();
    try {
      if (superseded) {
        throw new RefusedClientException("superseded", Map.of());
      }
      recording = open(request);
    } finally {
      lock.unlock();
      if (recording == null) {
        recordings.leave(id, sid, this);
      }
    }
  }

  private Recording open(RecordingRequest request) throws RefusedClientException {
    Optional<TranscriptFeed> feed = recordings.feed(id, request, this::transcript);
    boolean opened = false;
    Recording fresh = null;
    try {
      fresh = recordings.recording(id, request, feed);
      fresh.open();
      if (feed.isPresent()) {
        feed.get().open();
      }
      opened = true;
      return fresh;
    } catch (SessionRefusedException refused) {
      recordings.meters().refused("transcription");
      throw new RefusedClientException(
          String.valueOf(refused.getMessage()),
          Map.of(
              "reason",
              refused.reason().name().toLowerCase(Locale.ROOT),
              "retry_after",
              Math.max(1, refused.retryAfter().toSeconds())));
    } catch (IOException e) {
      LOG.warn("Recording {} cannot be opened: {}", id, e.toString());
      String message = String.valueOf(e.getMessage());
      throw new RefusedClientException(
          message.startsWith("session_id: ") ? message : "the storage does not take it", Map.of());
    } finally {
      if (!opened) {
        if (fresh != null) {
          fresh.abandon();
        }
        feed.ifPresent(unused -> unused.end("refused"));
      }
    }
  }

  void greet() throws InterruptedException {
    emit("response", Map.of("message", "Connected to server"));
  }

  /** Takes audio. */
  void chunk(byte[] bytes, OptionalLong acknowledgement) throws InterruptedException {
    try {
      recording().write(bytes);
      answer("response", Map.of("message", "received chunk"), acknowledgement);
    } catch (Recording.RefusedChunkException refused) {
      answer("error", Map.of("error", String.valueOf(refused.getMessage())), acknowledgement);
    } catch (IOException e) {
      answer("error", Map.of("error", FAILED), acknowledgement);
    }
  }

  /** What came as a chunk is none. */
  void noChunk(OptionalLong acknowledgement) throws InterruptedException {
    recordings.meters().refused("chunk");
    answer("error", Map.of("error", "chunk: expected binary"), acknowledgement);
  }

  /** Saves the file and tells where it is. */
  void stopRecording(OptionalLong acknowledgement) throws InterruptedException {
    switch (stop(recording(), "stop_recording")) {
      case SAVED -> {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("streaming_id", id);
        body.put("message", "Disconnected from server");
        body.put("file_url", engine.handshake().baseUrl() + "/static/audio/" + id + ".wav");
        answer("result_file_path", body, acknowledgement);
      }
      case EMPTY -> answer("error", Map.of("error", EMPTY), acknowledgement);
      case FAILED -> answer("error", Map.of("error", FAILED), acknowledgement);
    }
  }

  /**
   * Ends the recording on somebody else's word.
   *
   * @return empty while the client is not let in yet
   */
  Optional<Recording.Outcome> forceStop() {
    Recording current;
    lock.lock();
    try {
      current = recording;
    } finally {
      lock.unlock();
    }
    if (current == null) {
      return Optional.empty();
    }
    return Optional.of(stop(current, "force_stop"));
  }

  /** One that is empty goes on: there is nothing to save, and the client may yet speak. */
  private static Recording.Outcome stop(Recording recording, String reason) {
    return recording.isEmpty() ? Recording.Outcome.EMPTY : recording.stop(reason);
  }

  /** The client left the namespace, or is gone. */
  void leave(String reason) {
    Recording current = recording;
    if (current != null && current.stop(reason) == Recording.Outcome.FAILED) {
      // Only a client that left the namespace and not the connection could still hear of it.
      LOG.warn("Recording {} was not saved whole after the client left", id);
    }
    recordings.leave(id, sid, this);
  }

  /** A newer connection has the recording. Returns when the file is closed. */
  void supersede() {
    Recording current;
    lock.lock();
    try {
      superseded = true;
      current = recording;
    } finally {
      lock.unlock();
    }
    if (current != null) {
      current.stop("superseded");
      engine.send(
          event("error", json.writeValueAsString(Map.of("error", "Superseded by a newer client"))));
      engine.send(SocketPacket.Type.DISCONNECT.in(NAMESPACE, ""));
    }
  }

  private Recording recording() {
    Recording current = recording;
    if (current == null) {
      throw new IllegalStateException("not joined");
    }
    return current;
  }

  /** Thread: the session's; must not block. */
  private void transcript(TranscriptEvent event) {
    switch (event) {
      case TranscriptEvent.Partial partial ->
          engine.sendLatest(event("transcript", transcripts.event(partial)));
      case TranscriptEvent.Final last -> engine.send(event("transcript", transcripts.event(last)));
      case TranscriptEvent.Ended _ -> {
        // This client ends its source itself.
      }
    }
  }

  private void answer(String name, Map<String, Object> body, OptionalLong acknowledgement)
      throws InterruptedException {
    emit(name, body);
    if (acknowledgement.isPresent()) {
      engine.sendWaiting(
          SocketPacket.Type.ACK.in(
              NAMESPACE, acknowledgement.getAsLong() + "[" + json.writeValueAsString(body) + "]"));
    }
  }

  private void emit(String name, Map<String, Object> body) throws InterruptedException {
    engine.sendWaiting(event(name, json.writeValueAsString(body)));
  }

  private static String event(String name, String body) {
    return SocketPacket.Type.EVENT.in(NAMESPACE, "[\"" + name + "\"," + body + "]");
  }
}
