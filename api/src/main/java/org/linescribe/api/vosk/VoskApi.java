package org.linescribe.api.vosk;

import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.audio.ProtocolMeters;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.websocket.WebSocketRoute;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /vosk}. */
@ApiPackage
class VoskApi {
  @Bean
  WebSocketRoute voskRoute(AudioSources sources, JsonMapper json) {
    ProtocolMeters meters = sources.meters("vosk");
    return new WebSocketRoute("/vosk", peer -> new VoskSocket(peer, sources, json, meters));
  }
}
