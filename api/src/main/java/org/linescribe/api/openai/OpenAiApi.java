package org.linescribe.api.openai;

import java.nio.file.Path;
import java.util.Optional;
import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.audio.ProtocolMeters;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.ShutdownSignal;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.api.websocket.WebSocketReceiver;
import org.linescribe.api.websocket.WebSocketRoute;
import org.linescribe.session.SessionId;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /v1/audio/transcriptions} and {@code /v1/realtime}. */
@ApiPackage
class OpenAiApi {
  @Bean
  RouterFunction<ServerResponse> openAiTranscriptions(
      AudioSources sources, JsonMapper json, ShutdownSignal shutdown, Environment environment) {
    TranscriptionFile file =
        new TranscriptionFile(
            sources,
            json,
            sources.meters("openai-file"),
            shutdown,
            Path.of(environment.getProperty("linescribe.data", "data")));
    return RouterFunctions.route().POST("/v1/audio/transcriptions", file::transcribe).build();
  }

  @Bean
  WebSocketRoute openAiRealtime(AudioSources sources, JsonMapper json) {
    ProtocolMeters meters = sources.meters("openai-realtime");
    return new WebSocketRoute("/v1/realtime", peer -> connected(peer, sources, json, meters))
        .withSubProtocols("realtime");
  }

  private static WebSocketReceiver connected(
      WebSocketPeer peer, AudioSources sources, JsonMapper json, ProtocolMeters meters) {
    Optional<String> id = peer.request().queryParameter("session_id");
    if (id.filter(value -> !SessionId.isValid(value)).isPresent()) {
      meters.refused("bad_request");
      peer.close(WebSocketClose.badRequest("session_id: expected " + SessionId.SYNTAX));
      return WebSocketReceiver.DISCARDING;
    }
    return new RealtimeSocket(
            peer,
            id.map(SessionId::new).orElseGet(sources.sessions()::newSessionId),
            sources,
            json,
            meters)
        .start();
  }
}
