package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.LegConverter;
import org.linescribe.api.audio.TranscriptFeed;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.SourceRequest.Leg;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.recordings.RecordingStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sessions, new ones and those that an earlier run of the gateway left, and the streams of
 * their connections.
 *
 * <p>Thread: any; blocks.
 */
record AudioSessionFactory(
    AudioSessionSettings settings,
    RecordingFolder folder,
    AudioSessionStates states,
    Ffmpeg ffmpeg,
    Sessions transcripts,
    AudioSessionMeters meters,
    Clock clock) {
  private static final Logger LOG = LoggerFactory.getLogger(AudioSessionFactory.class);

  RecordingStream stream(AudioSession session) {
    return RecordingStream.of(session.writer(), ffmpeg, session.identity().asked(), limits());
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
            request.owner(),
            request.userId(),
            request.shape(),
            request.format(),
            request.transcribe(),
            request.recognition(),
            clock.instant());
    TranscriptFeed transcript = transcript(identity);
    AudioSession session = null;
    boolean created = false;
    try {
      if (transcript != null) {
        transcript.open();
      }
      session =
          session(
              identity,
              transcript,
              0,
              listener -> folder.create(id.value(), request.shape(), listener));
      states.save(session.info());
      created = true;
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
      if (!created) {
        discard(id, transcript, session);
      }
    }
  }

  private void discard(
      SessionId id, @Nullable TranscriptFeed transcript, @Nullable AudioSession session) {
    if (transcript != null) {
      transcript.end("failed");
    }
    if (session != null) {
      try {
        session.writer().close();
        folder.delete(id.value());
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
  AudioSession recover(AudioSessionInfo kept) throws IOException {
    AudioSession.Identity identity =
        new AudioSession.Identity(
            kept.sessionId(),
            Optional.ofNullable(kept.owner()),
            Optional.ofNullable(kept.userId()),
            kept.fileShape(),
            kept.format(),
            kept.transcribe(),
            kept.recognition(),
            kept.createdAt());
    TranscriptFeed transcript = transcript(identity);
    boolean whole = false;
    try {
      AudioSession session =
          session(
              identity,
              transcript,
              kept.totalChunks(),
              listener ->
                  folder.recover(kept.sessionId(), kept.fileShape(), listener, ffmpeg, limits()));
      whole = true;
      return session;
    } finally {
      if (!whole && transcript != null) {
        transcript.end("drain");
      }
    }
  }

  private AudioSession session(
      AudioSession.Identity identity,
      @Nullable TranscriptFeed transcript,
      long chunks,
      AudioSession.Recording recording)
      throws IOException {
    return new AudioSession(
        identity, folder.directory(), recording, transcript, meters, clock, chunks);
  }

  private @Nullable TranscriptFeed transcript(AudioSession.Identity identity) {
    if (!identity.transcribe()) {
      return null;
    }
    AudioShape shape = identity.shape();
    int rateHz = LegConverter.legRateHz(shape.sampleRateHz());
    boolean two = shape.channels() == 2 && settings.stereo() == AudioSessionSettings.Stereo.LEGS;
    SourceRequest request =
        new SourceRequest(
            new SessionId(identity.id()),
            "audio-session",
            identity.owner(),
            two
                ? List.of(new Leg(Leg.CALLER, rateHz), new Leg("callee", rateHz))
                : List.of(new Leg(Leg.CALLER, rateHz)),
            identity.recognition(),
            identity.userId().map(user -> Map.of("user_id", user)).orElse(Map.of()));
    // Readers have their own APIs; this protocol answers chunks only.
    return new TranscriptFeed(
        transcripts, request, shape.sampleRateHz(), shape.channels(), _ -> {});
  }
}
