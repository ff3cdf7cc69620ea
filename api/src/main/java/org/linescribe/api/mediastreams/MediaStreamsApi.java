package org.linescribe.api.mediastreams;

import java.util.Set;
import org.linescribe.api.audio.AudioSources;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.Authenticator;
import org.linescribe.api.http.DeferredAuthentication;
import org.linescribe.api.http.Requests;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.api.websocket.WebSocketRoute;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.json.JsonMapper;

/** Opens {@code /ws/media-streams}. */
@ApiPackage
@EnableConfigurationProperties(MediaStreamsSettings.class)
class MediaStreamsApi {
  private static final String PATH = "/ws/media-streams";
  private static final String WITH_SESSION = PATH + "/{" + Requests.SESSION_ID + "}";

  /** What the platforms offer: jambonz, FreeSWITCH's mod_audio_fork, Asterisk's chan_websocket. */
  private static final String[] SUB_PROTOCOLS = {
    "audio.jambonz.org", "audiostream.drachtio.org", "media"
  };

  @Bean
  MediaStreamClients mediaStreamClients(
      AudioSources sources,
      MediaStreamsSettings settings,
      ObjectProvider<Authenticator> authenticator,
      JsonMapper json) {
    return new MediaStreamClients(
        sources,
        settings,
        authenticator.getIfAvailable(() -> Authenticator.OFF),
        json,
        new TranscriptJson(json),
        sources.meters("media-streams"));
  }

  @Bean
  WebSocketRoute mediaStreams(MediaStreamClients clients) {
    return new WebSocketRoute(PATH, clients::connected).withSubProtocols(SUB_PROTOCOLS);
  }

  @Bean
  WebSocketRoute mediaStreamsOfSession(MediaStreamClients clients) {
    return new WebSocketRoute(WITH_SESSION, clients::connectedToSession)
        .withSubProtocols(SUB_PROTOCOLS);
  }

  /** A platform that signs its upgrade has no key, others give theirs in the first message. */
  @Bean
  DeferredAuthentication mediaStreamsAuthentication() {
    return new DeferredAuthentication(Set.of(PATH, WITH_SESSION));
  }
}
