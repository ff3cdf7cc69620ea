package org.linescribe.api.transcribe;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.linescribe.api.audio.RecognitionParameters;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.LogGate;
import org.linescribe.api.transcript.SessionReading;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets the API's clients in: reads what they ask for, opens their session's source.
 *
 * <p>Thread: any.
 */
record TranscribeClients(
    Sessions sessions,
    TranscribeSettings settings,
    BlockingCalls blockingCalls,
    JsonMapper json,
    TranscribeMeters meters,
    AudioPositions positions,
    LogGate textLog) {
  private static final Logger LOG = LoggerFactory.getLogger(TranscribeClients.class);
  private static final Duration TEXT_LOG_EVERY = Duration.ofSeconds(10);

  TranscribeClients(
      Sessions sessions,
      TranscribeSettings settings,
      BlockingCalls blockingCalls,
      JsonMapper json,
      TranscribeMeters meters) {
    this(
        sessions,
        settings,
        blockingCalls,
        json,
        meters,
        new AudioPositions(),
        new LogGate(TEXT_LOG_EVERY));
  }

  WebSocketReceiver connected(WebSocketPeer peer) {
    String id = peer.request().pathVariable("session_id");
    Optional<Codec> codec = Codec.of(peer.request().queryParameter("codec").orElse("auto"));
    Optional<Duration> endpointSilence;
    if (!SessionId.isValid(id)) {
      return refuse(peer, "session_id: expected " + SessionId.SYNTAX);
    }
    if (codec.isEmpty()) {
      return refuse(peer, "codec: expected auto, pcmu or pcma");
    }
    try {
      endpointSilence =
          peer.request().queryParameter("endpoint_ms").map(TranscribeClients::endpointSilence);
    } catch (IllegalArgumentException notInRange) {
      return refuse(peer, "endpoint_ms: expected a whole number from 100 to 10000");
    }
    Optional<AudioPosition> position;
    try {
      position = position(peer, new SessionId(id), codec.get());
    } catch (IllegalArgumentException wrong) {
      return refuse(
          peer,
          "audio_from, audio_sent: expected two whole numbers, the second not less, and codec=pcmu"
              + " or codec=pcma");
    }
    SourceRequest request =
        new SourceRequest(
            new SessionId(id),
            "websocket",
            peer.request().owner(),
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
            RecognitionParameters.of(peer.request()::queryParameter)
                .withEndpointSilence(endpointSilence),
            attributes(codec.get()),
            peer.request().header(SourceRequest.TRACE_PARENT));
    TranscribeSocket socket =
        new TranscribeSocket(
            peer, request.sessionId(), new CodecChoice(codec.get()), position.orElse(null), this);
    // Nothing is read until the session's next number is known.
    peer.pauseReading();
    blockingCalls.execute(() -> open(peer, request, socket));
    return socket;
  }

  /** A detector holds audio back, which would not be counted. */
  private Optional<AudioPosition> position(WebSocketPeer peer, SessionId id, Codec codec) {
    Optional<String> heldFrom = peer.request().queryParameter("audio_from");
    Optional<String> sentTo = peer.request().queryParameter("audio_sent");
    if (heldFrom.isEmpty() && sentTo.isEmpty()) {
      return Optional.empty();
    }
    if (codec.law().isEmpty()) {
      throw new IllegalArgumentException("codec");
    }
    return Optional.of(
        new AudioPosition(
            Long.parseLong(heldFrom.orElse("")),
            Long.parseLong(sentTo.orElse("")),
            positions.of(id)));
  }

  /** A codec that is to be detected is reported when it is known. {@code law} is its alias. */
  private static Map<String, String> attributes(Codec codec) {
    return codec.law().isPresent()
        ? Map.of("codec", codec.parameter(), "law", codec.parameter())
        : Map.of("codec", codec.parameter());
  }

  private void open(WebSocketPeer peer, SourceRequest request, TranscribeSocket socket) {
    try {
      SessionSource source = sessions.open(request, socket);
      peer.execute(() -> socket.opened(source));
    } catch (SessionRefusedException refused) {
      if (refused.reason() == SessionRefusedException.Reason.CONFLICT) {
        if (SessionReading.of(sessions, request.sessionId(), peer.request().viewer()).known()) {
          socket.follow(sessions, WebSocketClose.of(refused));
        } else {
          meters.refused("conflict");
          peer.close(WebSocketClose.of(refused));
        }
        return;
      }
      meters.refused(refused.reason().name().toLowerCase(Locale.ROOT));
      LOG.info("Session {} not opened: {}", request.sessionId(), refused.getMessage());
      peer.close(WebSocketClose.of(refused));
    } catch (RuntimeException bug) {
      meters.refused("failed");
      LOG.error("Session {} could not be opened", request.sessionId(), bug);
      peer.close(WebSocketClose.FAILED);
    }
  }

  private static Duration endpointSilence(String parameter) {
    int ms = Integer.parseInt(parameter);
    if (ms < 100 || ms > 10_000) {
      throw new IllegalArgumentException("endpoint_ms");
    }
    return Duration.ofMillis(ms);
  }

  private WebSocketReceiver refuse(WebSocketPeer peer, String reason) {
    meters.refused("bad_request");
    peer.close(WebSocketClose.badRequest(reason));
    return WebSocketReceiver.DISCARDING;
  }
}
