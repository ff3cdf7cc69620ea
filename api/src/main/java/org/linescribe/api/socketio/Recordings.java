package org.linescribe.api.socketio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.LegConverter;
import org.linescribe.api.audio.TranscriptFeed;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.SourceRequest.Leg;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.recordings.RecordingAudio;
import org.linescribe.session.recordings.RecordingFolder;

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
  private final RecordingFolder folder;
  private final CompletableFuture<Void> recovered;
  private final Sessions sessions;
  private final Ffmpeg ffmpeg;
  private final RecordingMeters meters;
  private final Map<String, StreamingClient> byId = new ConcurrentHashMap<>();
  private final Map<String, StreamingClient> bySid = new ConcurrentHashMap<>();

  Recordings(
      SocketIoSettings settings,
      RecordingFolder folder,
      Sessions sessions,
      Ffmpeg ffmpeg,
      RecordingMeters meters) {
    this.settings = settings;
    this.folder = folder;
    this.sessions = sessions;
    this.ffmpeg = ffmpeg;
    this.meters = meters;
    this.recovered =
        CompletableFuture.runAsync(
            () -> folder.recoverAll(ffmpeg, DecodeLimits.live()),
            Thread.ofVirtual().name("recordings-recovery")::start);
  }

  RecordingMeters meters() {
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
    return folder.file(name(id));
  }

  /**
   * Its audio; blocks.
   *
   * @param id a valid {@link SessionId}
   * @throws java.nio.file.NoSuchFileException when there is none
   */
  RecordingAudio audio(String id) throws IOException {
    return folder.audio(name(id));
  }

  private static String name(String id) {
    return OWN_ID.matcher(id).matches() ? id : "session-" + RecordingFolder.hash(id);
  }

  /**
   * The newest client of a recording has it; the one before is let go. Blocks.
   *
   * @return false where a client of another owner has it, and keeps it
   */
  boolean join(String id, String sid, StreamingClient client) {
    AtomicReference<@Nullable StreamingClient> before = new AtomicReference<>();
    StreamingClient now =
        byId.compute(
            id,
            (_, present) -> {
              before.set(present);
              return present == null || present.owner().equals(client.owner()) ? client : present;
            });
    if (now != client) {
      return false;
    }
    bySid.put(sid, client);
    StreamingClient superseded = before.get();
    if (superseded != null) {
      meters.superseded.increment();
      superseded.supersede();
    }
    return true;
  }

  /** Whose recording it is; empty where no key was asked for. Blocks. */
  Optional<String> owner(String id) {
    return folder.owner(name(id));
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

  /**
   * @param owner name of the client's key, empty where none is required
   */
  Recording recording(
      String id, Optional<String> owner, RecordingRequest request, Optional<TranscriptFeed> feed)
      throws IOException {
    // What a killed process left of this recording must be in its file before more is.
    recovered.join();
    try {
      folder.claim(name(id), owner);
      return new Recording(
          id, folder, name(id), request, maxFrames(request), feed.orElse(null), ffmpeg, meters);
    } catch (RecordingFolder.OtherOwnerException another) {
      throw new IOException("session_id: another client has it", another);
    } catch (RecordingFolder.OtherShapeException other) {
      throw new IOException("session_id: its recording has " + other.shape(), other);
    } catch (IOException refused) {
      if (!Files.exists(folder.file(name(id)))) {
        // The claim alone would be left.
        folder.delete(name(id));
      }
      throw refused;
    }
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
      String id,
      Optional<String> owner,
      RecordingRequest request,
      Consumer<TranscriptEvent> events) {
    if (!request.transcribe()) {
      return Optional.empty();
    }
    int rateHz = LegConverter.legRateHz(request.sampleRateHz());
    SourceRequest source =
        new SourceRequest(
            new SessionId(id),
            "socketio",
            owner,
            List.of(new Leg(Leg.CALLER, rateHz)),
            request.recognition(),
            Map.of());
    return Optional.of(
        new TranscriptFeed(sessions, source, request.sampleRateHz(), request.channels(), events));
  }
}
