package org.linescribe.api.socketio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.linescribe.api.TranscriptFeed;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.SourceRequest.Leg;
import org.linescribe.session.TranscriptEvent;

/**
 * The folder of the WAV files, and who records now.
 *
 * <p>Thread: any.
 */
final class Recordings {
  /** Ids of our own making, now and formerly; such a one is its file's name. */
  private static final Pattern OWN_ID =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9]{20}");

  private final SocketIoSettings settings;
  private final Path directory;
  private final Sessions sessions;
  private final Ffmpeg ffmpeg;
  private final SocketIoMeters meters;
  private final Map<String, StreamingClient> byId = new ConcurrentHashMap<>();
  private final Map<String, StreamingClient> bySid = new ConcurrentHashMap<>();

  Recordings(
      SocketIoSettings settings,
      Path directory,
      Sessions sessions,
      Ffmpeg ffmpeg,
      SocketIoMeters meters) {
    this.settings = settings;
    this.directory = directory;
    this.sessions = sessions;
    this.ffmpeg = ffmpeg;
    this.meters = meters;
  }

  SocketIoSettings settings() {
    return settings;
  }

  SocketIoMeters meters() {
    return meters;
  }

  /**
   * An id for a recording of which the client names none. It is the pipeline's, which knows that
   * nothing of it can be stored yet and so opens it also while the database is away.
   */
  String newId() {
    return sessions.newSessionId().value();
  }

  /**
   * The file of a recording. An id that a client chose is no file's name: its hash is.
   *
   * @param id a valid {@link SessionId}
   */
  Path file(String id) {
    return directory.resolve((OWN_ID.matcher(id).matches() ? id : "session-" + hash(id)) + ".wav");
  }

  private static String hash(String id) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** The newest client of a recording has it; the one before is let go. Blocks. */
  void join(String id, String sid, StreamingClient client) {
    bySid.put(sid, client);
    StreamingClient before = byId.put(id, client);
    if (before != null) {
      meters.superseded.increment();
      before.supersede();
    }
  }

  void leave(String id, String sid, StreamingClient client) {
    bySid.remove(sid, client);
    byId.remove(id, client);
  }

  /**
   * @param key a recording's id or a connection's
   */
  Optional<StreamingClient> find(String key) {
    StreamingClient found = byId.get(key);
    return Optional.ofNullable(found == null ? bySid.get(key) : found);
  }

  Recording recording(String id, RecordingRequest request, Optional<TranscriptFeed> feed)
      throws IOException {
    Files.createDirectories(directory);
    return new Recording(
        id, file(id), request, maxFrames(request), feed.orElse(null), ffmpeg, meters);
  }

  /** As long as the setting says, and as a WAV file can count with another chunk in it. */
  private long maxFrames(RecordingRequest request) {
    // A chunk of G.711 doubles. What a decoder makes of one may still be more: that fails.
    long chunkBytes = 2 * settings.maxPayload().toBytes();
    return Math.min(
        settings.maxDuration().toSeconds() * request.sampleRateHz(),
        (WavWriter.MAX_DATA_BYTES - chunkBytes) / (2L * request.channels()));
  }

  Optional<TranscriptFeed> feed(
      String id, RecordingRequest request, Consumer<TranscriptEvent> events) {
    if (!request.transcribe()) {
      return Optional.empty();
    }
    int rateHz = TranscriptFeed.legRateHz(request.sampleRateHz());
    SourceRequest source =
        new SourceRequest(
            new SessionId(id),
            "socketio",
            List.of(new Leg(Leg.CALLER, rateHz)),
            Optional.empty(),
            request.language(),
            Optional.empty(),
            Map.of());
    return Optional.of(
        new TranscriptFeed(
            sessions, source, request.sampleRateHz(), request.channels(), ffmpeg, events));
  }
}
