package org.linescribe.api.socketio;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.TranscriptFeed;
import org.linescribe.api.socketio.protocol.SocketIoClient;
import org.linescribe.api.socketio.protocol.SocketIoNamespace.Event;
import org.linescribe.api.socketio.protocol.SocketIoNamespace.Member;
import org.linescribe.api.socketio.protocol.SocketIoNamespace.RefusedClientException;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * A client in the namespace {@code /streaming}: the document's events.
 *
 * <p>Thread: the connection's worker, one call at a time, except {@link #supersede} and {@link
 * #forceStop}. Blocks.
 */
final class StreamingClient implements Member {
  static final String FAILED = "Failed to process audio";
  static final String EMPTY = "Audio buffer is empty";
  private static final Logger LOG = LoggerFactory.getLogger(StreamingClient.class);

  private final SocketIoClient client;
  private final Optional<String> owner;
  private final Runnable whenLeft;
  private final Recordings recordings;
  private final JsonMapper json;
  private final TranscriptJson transcripts;
  private final String sid;
  private String id;
  private @Nullable Recording recording;
  private boolean superseded;

  /**
   * @param owner name of the client's key, where one is required
   * @param whenLeft run once, when the client has left
   */
  StreamingClient(
      SocketIoClient client,
      Optional<String> owner,
      Recordings recordings,
      JsonMapper json,
      Runnable whenLeft) {
    this.client = client;
    this.owner = owner;
    this.whenLeft = whenLeft;
    this.recordings = recordings;
    this.sid = recordings.newId();
    this.id = sid;
    this.json = json;
    this.transcripts = new TranscriptJson(json);
  }

  @Override
  public String sid() {
    return sid;
  }

  /** Name of the client's key, where one is required. */
  Optional<String> owner() {
    return owner;
  }

  /** Begins a recording, or goes on with one. */
  void join(RecordingRequest request) throws RefusedClientException {
    id = request.sessionId().map(asked -> asked.value()).orElse(sid);
    if (!recordings.join(id, sid, this)) {
      recordings.meters().refused("owner");
      throw new RefusedClientException("session_id: another client has it", Map.of());
    }
    try {
      synchronized (this) {
        if (superseded) {
          throw new RefusedClientException("superseded", Map.of());
        }
        recording = open(request);
      }
    } finally {
      if (recording == null) {
        recordings.leave(id, sid, this);
      }
    }
  }

  private Recording open(RecordingRequest request) throws RefusedClientException {
    Optional<TranscriptFeed> feed = recordings.feed(id, owner, request, this::transcript);
    boolean opened = false;
    Recording fresh = null;
    try {
      fresh = recordings.recording(id, owner, request, feed);
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

  @Override
  public void connected() throws InterruptedException {
    emit("response", Map.of("message", "Connected to server"));
  }

  @Override
  public void event(Event event) throws InterruptedException {
    switch (event.name()) {
      case "audio_chunk" -> chunk(event);
      case "stop_recording" -> stopRecording(event);
      default -> recordings.meters().refused("event");
    }
  }

  /** Takes audio: an attachment, itself or as the argument's {@code chunk}. */
  private void chunk(Event event) throws InterruptedException {
    JsonNode argument =
        event.arguments().isEmpty() ? MissingNode.getInstance() : event.arguments().getFirst();
    Optional<byte[]> bytes =
        event.attachment(argument.has("chunk") ? argument.path("chunk") : argument);
    if (bytes.isEmpty()) {
      recordings.meters().refused("chunk");
      answer("error", Map.of("error", "chunk: expected binary"), event);
      return;
    }
    try {
      recording().write(bytes.get());
      answer("response", Map.of("message", "received chunk"), event);
    } catch (Recording.RefusedChunkException refused) {
      answer("error", Map.of("error", String.valueOf(refused.getMessage())), event);
    } catch (IOException e) {
      answer("error", Map.of("error", FAILED), event);
    }
  }

  /** Saves the file and tells where it is. */
  private void stopRecording(Event event) throws InterruptedException {
    switch (stop(recording(), "stop_recording")) {
      case SAVED -> {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("streaming_id", id);
        body.put("message", "Disconnected from server");
        body.put("file_url", client.baseUrl() + "/static/audio/" + id + ".wav");
        answer("result_file_path", body, event);
      }
      case EMPTY -> answer("error", Map.of("error", EMPTY), event);
      case FAILED -> answer("error", Map.of("error", FAILED), event);
    }
  }

  /**
   * Ends the recording on somebody else's word.
   *
   * @return empty while the client has not joined yet
   */
  Optional<Recording.Outcome> forceStop() {
    Recording current;
    synchronized (this) {
      current = recording;
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

  @Override
  public void left() {
    Recording current = recording;
    if (current != null && current.stop("disconnect") == Recording.Outcome.FAILED) {
      // Only a client that left the namespace and not the connection could still hear of it.
      LOG.warn("Recording {} was not saved whole after the client left", id);
    }
    recordings.leave(id, sid, this);
    whenLeft.run();
  }

  /** A newer connection has the recording. Returns when the file is closed. */
  void supersede() {
    Recording current;
    synchronized (this) {
      superseded = true;
      current = recording;
    }
    if (current != null) {
      current.stop("superseded");
      client.emitNow(
          "error", json.writeValueAsString(Map.of("error", "Superseded by a newer client")));
      client.disconnect();
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
          client.emitLatest("transcript", transcripts.event(partial));
      case TranscriptEvent.Final last -> client.emitNow("transcript", transcripts.event(last));
      case TranscriptEvent.Dtmf _ -> {
        // An API's source has no keys.
      }
      case TranscriptEvent.Ended _ -> {
        // This client ends its source itself.
      }
    }
  }

  private void answer(String name, Map<String, Object> body, Event event)
      throws InterruptedException {
    emit(name, body);
    client.acknowledge(event, json.writeValueAsString(body));
  }

  private void emit(String name, Map<String, Object> body) throws InterruptedException {
    client.emit(name, json.writeValueAsString(body));
  }
}
