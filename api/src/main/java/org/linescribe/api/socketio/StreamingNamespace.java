package org.linescribe.api.socketio;

import java.security.Principal;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.Authenticator;
import org.linescribe.api.http.Caller;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.socketio.protocol.SocketIoClient;
import org.linescribe.api.socketio.protocol.SocketIoNamespace;
import org.linescribe.api.socketio.protocol.SocketIoNamespace.Member;
import org.linescribe.api.socketio.protocol.SocketIoNamespace.RefusedClientException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The namespace {@code /streaming}. A browser can give no header to its WebSocket, so that a client
 * whose handshake had no key brings it in {@code auth: {token}}.
 */
record StreamingNamespace(
    Recordings recordings, SocketIoSettings settings, Authenticator authenticator, JsonMapper json)
    implements SocketIoNamespace {
  @Override
  public String name() {
    return "/streaming";
  }

  @Override
  public Member join(SocketIoClient client) throws RefusedClientException {
    Caller caller = authenticate(client);
    Runnable leave = caller == null ? () -> {} : caller::leave;
    Optional<String> owner =
        Optional.<Principal>ofNullable(caller).or(client::principal).map(Principal::getName);
    StreamingClient joining = new StreamingClient(client, owner, recordings, json, leave);
    boolean joined = false;
    try {
      joining.join(RecordingRequest.of(client::parameter, settings));
      joined = true;
      return joining;
    } catch (RecordingRequest.RefusedParameterException refused) {
      recordings.meters().refused("parameter");
      throw new RefusedClientException(String.valueOf(refused.getMessage()), Map.of());
    } finally {
      if (!joined) {
        leave.run();
      }
    }
  }

  /** Whose permit the client takes; null where its handshake had a key or none is required. */
  private @Nullable Caller authenticate(SocketIoClient client) throws RefusedClientException {
    if (!authenticator.isRequired() || client.principal().isPresent()) {
      return null;
    }
    try {
      Caller caller = authenticator.authenticate(client.auth("token").orElse(""));
      if (!caller.enter()) {
        throw new RefusedClientException("too much open with this key", Map.of());
      }
      return caller;
    } catch (RefusedRequestException refused) {
      throw new RefusedClientException(
          String.valueOf(refused.getMessage()), Map.of("status", refused.status().value()));
    }
  }
}
