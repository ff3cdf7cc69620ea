package org.linescribe.api.deepgram;

import java.nio.file.Path;
import java.time.Clock;
import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.audio.ProtocolMeters;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.api.websocket.WebSocketRoute;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /v1/listen}. */
@ApiPackage
class ListenApi {
  private static final String PATH = "/v1/listen";

  /** What both of its routes need. */
  record Listen(
      AudioSources sources,
      JsonMapper json,
      ListenMessages messages,
      ProtocolMeters meters,
      Clock clock) {}

  @Bean
  Listen listen(AudioSources sources, JsonMapper json) {
    return new Listen(
        sources, json, new ListenMessages(json), sources.meters("deepgram"), Clock.systemUTC());
  }

  @Bean
  WebSocketRoute listenSocket(Listen listen) {
    return new WebSocketRoute(PATH, peer -> connected(peer, listen))
        .withSubProtocols("token", "bearer");
  }

  @Bean
  RouterFunction<ServerResponse> listenFile(Listen listen, Environment environment) {
    ListenFile file =
        new ListenFile(listen, Path.of(environment.getProperty("linescribe.data", "data")));
    return RouterFunctions.route().POST(PATH, file::transcribe).build();
  }

  private static WebSocketReceiver connected(WebSocketPeer peer, Listen listen) {
    ListenRequest request;
    try {
      request = ListenRequest.of(peer.request()::queryParameter);
    } catch (IllegalArgumentException wrong) {
      String words = String.valueOf(wrong.getMessage());
      listen.meters().refused("bad_request");
      peer.send(listen.messages().error("BadRequest", words));
      peer.close(WebSocketClose.badRequest(words));
      return WebSocketReceiver.DISCARDING;
    }
    return new ListenSocket(
            peer,
            request,
            request.sessionId().orElseGet(listen.sources().sessions()::newSessionId),
            listen)
        .start();
  }
}
