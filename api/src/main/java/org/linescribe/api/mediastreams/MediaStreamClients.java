package org.linescribe.api.mediastreams;

import java.util.Optional;
import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.audio.ProtocolMeters;
import org.linescribe.api.http.Authenticator;
import org.linescribe.api.http.Requests;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.session.SessionId;
import tools.jackson.databind.json.JsonMapper;

/**
 * Admits the platforms' connections.
 *
 * <p>Thread: the peer's event loop.
 */
record MediaStreamClients(
    AudioSources sources,
    MediaStreamsSettings settings,
    Authenticator authenticator,
    JsonMapper json,
    TranscriptJson transcript,
    ProtocolMeters meters) {
  /** How a connection has shown who it is. */
  enum Access {
    /** By its signature, by a key in the upgrade, or nobody asks. */
    SHOWN,
    /** The key is to come in the first message. */
    KEY_TO_COME
  }

  WebSocketReceiver connected(WebSocketPeer peer) {
    return admit(peer, Optional.empty());
  }

  WebSocketReceiver connectedToSession(WebSocketPeer peer) {
    String id = peer.request().pathVariable(Requests.SESSION_ID);
    if (!SessionId.isValid(id)) {
      return refuse(peer, "session_id: expected " + SessionId.SYNTAX);
    }
    return admit(peer, Optional.of(new SessionId(id)));
  }

  private WebSocketReceiver admit(WebSocketPeer peer, Optional<SessionId> id) {
    Optional<String> signature = peer.request().header(TwilioSignature.HEADER);
    boolean signs = !settings.authToken().isEmpty();
    Access access = Access.SHOWN;
    Optional<String> owner = peer.request().owner();
    if (peer.request().principal().isEmpty() && signs && signature.isPresent()) {
      if (!TwilioSignature.isValid(
          signature.get(),
          settings.authToken(),
          peer.request().header("Host").orElse(""),
          peer.request().uri())) {
        return refuse(peer, TwilioSignature.HEADER + ": not of this URL and auth token");
      }
      owner = Optional.of(settings.owner());
    } else if (peer.request().principal().isEmpty() && authenticator.isRequired()) {
      access = Access.KEY_TO_COME;
    } else if (peer.request().principal().isEmpty() && signs) {
      return refuse(peer, TwilioSignature.HEADER + ": missing");
    }
    return new MediaStreamSocket(peer, id, owner, access, this);
  }

  private WebSocketReceiver refuse(WebSocketPeer peer, String words) {
    meters.refused("bad_request");
    peer.close(WebSocketClose.badRequest(words));
    return WebSocketReceiver.DISCARDING;
  }
}
