package org.linescribe.api.whisperlive;

import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.audio.ProtocolMeters;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.websocket.WebSocketRoute;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /whisperlive}. */
@ApiPackage
class WhisperLiveApi {
  @Bean
  WebSocketRoute whisperLiveRoute(AudioSources sources, JsonMapper json) {
    ProtocolMeters meters = sources.meters("whisperlive");
    WhisperLiveMessages messages = new WhisperLiveMessages(json);
    return new WebSocketRoute(
        "/whisperlive", peer -> new WhisperLiveSocket(peer, sources, json, messages, meters));
  }
}
