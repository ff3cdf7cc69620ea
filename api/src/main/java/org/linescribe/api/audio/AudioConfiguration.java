package org.linescribe.api.audio;

import io.micrometer.core.instrument.MeterRegistry;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.Sessions;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** What the protocols' sources of audio share. */
@ApiPackage
@EnableConfigurationProperties(ProtocolSettings.class)
public class AudioConfiguration {
  @Bean
  AudioSources audioSources(
      Sessions sessions,
      BlockingCalls blockingCalls,
      Ffmpeg ffmpeg,
      ProtocolSettings settings,
      MeterRegistry registry) {
    return new AudioSources(sessions, blockingCalls, ffmpeg, settings, registry);
  }
}
