package org.linescribe.api.stt;

import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.asr.providers.Providers;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.StoreUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Admits the API's clients: reads their parameters, chooses the provider, opens their session's
 * source.
 *
 * <p>Thread: any.
 */
record SttClients(
    Sessions sessions,
    Providers providers,
    SttSettings settings,
    SttSessions open,
    SttMessages messages,
    Ffmpeg ffmpeg,
    BlockingCalls blockingCalls,
    JsonMapper json,
    Clock clock) {
  private static final String LANGUAGE = "language";
  private static final Logger LOG = LoggerFactory.getLogger(SttClients.class);

  WebSocketReceiver connected(WebSocketPeer peer) {
    SttSession session;
    try {
      SttRequest request =
          SttRequest.of(peer.request().owner(), peer.request()::queryParameter)
              .inTrace(peer.request().header(SourceRequest.TRACE_PARENT));
      session = agree(request, SttSession.Transport.WEBSOCKET);
    } catch (UnusableRequestException unusable) {
      open.refused("bad_request");
      refuse(peer, unusable.words(), WebSocketClose.badRequest(unusable.words()));
      return WebSocketReceiver.DISCARDING;
    }
    SttSocket socket = new SttSocket(peer, session, this);
    // Nothing is read until the session takes audio.
    peer.pauseReading();
    blockingCalls.execute(() -> open(peer, session, socket));
    return socket;
  }

  /** Chooses the provider and gives a session its id. */
  SttSession agree(SttRequest request, SttSession.Transport transport)
      throws UnusableRequestException {
    ProviderChoice choice =
        ProviderChoice.of(
            request.model(), request.provider(), request.language(), providers, settings);
    return new SttSession(
        request.sessionId().orElseGet(sessions::newSessionId),
        transport,
        choice,
        request,
        clock.instant(),
        System.nanoTime());
  }

  /** Blocks. */
  SessionSource openSource(SttSession session, SourceListener listener)
      throws SessionRefusedException {
    SttRequest request = session.request();
    SessionSource source =
        sessions.open(
            new SourceRequest(
                session.id(),
                "stt",
                request.owner(),
                List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, request.legRateHz())),
                session
                    .choice()
                    .recognition()
                    .withEndpointSilence(request.endpointSilence())
                    .withHotwords(request.hotwords()),
                Map.of(
                    LANGUAGE,
                    session.choice().language(),
                    "provider",
                    session.choice().provider(),
                    "sample_rate",
                    Integer.toString(request.sampleRateHz())),
                request.traceParent()),
            listener);
    if (session.choice().recognition().language().isPresent() && source.language().isEmpty()) {
      session.untold(source.unserved());
      source.describe(LANGUAGE, session.language());
    }
    return source;
  }

  /** False without the store: the pipeline then decides whether the session may open. */
  private boolean isKnown(SttSession session) {
    try {
      return sessions.find(session.id()).isPresent();
    } catch (StoreUnavailableException away) {
      return false;
    }
  }

  private void open(WebSocketPeer peer, SttSession session, SttSocket socket) {
    try {
      boolean resumed = session.request().sessionId().isPresent() && isKnown(session);
      SessionSource source = openSource(session, socket);
      open.opened(session);
      peer.execute(() -> socket.opened(source, resumed));
    } catch (SessionRefusedException refused) {
      open.refused(refused.reason().name().toLowerCase(Locale.ROOT));
      LOG.info("Session {} not opened: {}", session.id(), refused.getMessage());
      refuse(peer, String.valueOf(refused.getMessage()), WebSocketClose.of(refused));
    } catch (RuntimeException bug) {
      open.refused("failed");
      LOG.error("Session {} could not be opened", session.id(), bug);
      refuse(peer, "internal error", WebSocketClose.FAILED);
    }
  }

  private void refuse(WebSocketPeer peer, String words, WebSocketClose close) {
    peer.send(messages.error(words));
    peer.close(close);
  }
}
