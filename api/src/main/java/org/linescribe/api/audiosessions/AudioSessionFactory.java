package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.TranscriptFeed;
import org.linescribe.api.WebSocketClose;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.SourceRequest.Leg;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sessions, new ones and those that an earlier run of the gateway left, and the streams of
 * their connections.
 *
 * <p>Thread: any; blocks.
 */
final class AudioSessionFactory {
  private static final Logger LOG = LoggerFactory.getLogger(AudioSessionFactory.class);

  private final AudioSessionSettings settings;
  private final SessionFiles files;
  private final Ffmpeg ffmpeg;
  private final Sessions transcripts;
  private final AudioSessionMeters meters;
  private final Clock clock;

  AudioSessionFactory(
      AudioSessionSettings settings,
      SessionFiles files,
      Ffmpeg ffmpeg,
      Sessions transcripts,
      AudioSessionMeters meters,
      Clock clock) {
    this.settings = settings;
    this.files = files;
    this.ffmpeg = ffmpeg;
    this.transcripts = transcripts;
    this.meters = meters;
    this.clock = clock;
  }

  ConnectionStream stream(AudioSession session) {
    return new ConnectionStream(session, ffmpeg, session.identity().asked(), limits());
  }

  private DecodeLimits limits() {
    return DecodeLimits.live().withStall(settings.decoderStall());
  }

  /** A session with an empty file, kept; nothing is left of one that cannot be. */
  AudioSession create(SessionRequest request) throws RefusedConnectionException {
    SessionId id = transcripts.newSessionId();
    AudioSession.Identity identity =
        new AudioSession.Identity(
            id.value(),
            request.userId(),
            request.shape(),
            request.format(),
            request.transcribe(),
            clock.instant());
    TranscriptFeed transcript = transcript(identity);
    AudioFile file = null;
    AudioSession created = null;
    try {
      if (transcript != null) {
        transcript.open();
      }
      file = files.create(id.value(), request.shape());
      AudioSession session = session(identity, file, transcript, 0);
      files.save(session.info());
      created = session;
      return session;
    } catch (SessionRefusedException e) {
      meters.refused("transcription");
      throw new RefusedConnectionException(
          Map.of("error", "Session creation failed: " + e.getMessage()), WebSocketClose.of(e));
    } catch (IOException e) {
      LOG.warn("An audio session could not be created: {}", e.toString());
      meters.failed("storage");
      throw new RefusedConnectionException(
          Map.of("error", "Session creation failed: the storage does not take it"),
          new WebSocketClose(1011, "session creation failed: the storage does not take it"));
    } finally {
      if (created == null) {
        discard(id, transcript, file);
      }
    }
  }

  private void discard(
      SessionId id, @Nullable TranscriptFeed transcript, @Nullable AudioFile file) {
    if (transcript != null) {
      transcript.end("failed");
    }
    if (file != null) {
      try (file) {
        files.delete(id.value());
      } catch (IOException e) {
        LOG.warn("Audio session {}: what was begun cannot be deleted: {}", id, e.toString());
      }
    }
  }

  /**
   * A kept session, its file opened again and completed by what spools hold of it.
   *
   * @throws IOException when its file cannot be opened or takes nothing now, or no decoder runs
   */
  AudioSession recover(AudioSessionInfo kept, List<Spool.Left> spools) throws IOException {
    AudioSession.Identity identity =
        new AudioSession.Identity(
            kept.sessionId(),
            Optional.ofNullable(kept.userId()),
            kept.fileShape(),
            kept.format(),
            kept.transcribe(),
            kept.createdAt());
    AudioSession session =
        session(identity, files.reopen(kept.sessionId()), transcript(identity), kept.totalChunks());
    boolean whole = false;
    try {
      new SpoolRecovery(session, ffmpeg, limits()).appendAll(spools);
      whole = true;
      return session;
    } finally {
      if (!whole) {
        session.suspend();
      }
    }
  }

  private AudioSession session(
      AudioSession.Identity identity,
      AudioFile file,
      @Nullable TranscriptFeed transcript,
      long chunks) {
    return new AudioSession(identity, files.directory(), file, transcript, meters, clock, chunks);
  }

  private @Nullable TranscriptFeed transcript(AudioSession.Identity identity) {
    if (!identity.transcribe()) {
      return null;
    }
    AudioShape shape = identity.shape();
    int rateHz = TranscriptFeed.legRateHz(shape.sampleRateHz());
    boolean two = shape.channels() == 2 && settings.stereo() == AudioSessionSettings.Stereo.LEGS;
    SourceRequest request =
        new SourceRequest(
            new SessionId(identity.id()),
            "audio-session",
            two
                ? List.of(new Leg(Leg.CALLER, rateHz), new Leg("callee", rateHz))
                : List.of(new Leg(Leg.CALLER, rateHz)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            identity.userId().map(user -> Map.of("user_id", user)).orElse(Map.of()));
    // Readers have their own doors; this protocol answers chunks only.
    return new TranscriptFeed(
        transcripts, request, shape.sampleRateHz(), shape.channels(), ffmpeg, _ -> {});
  }
}
