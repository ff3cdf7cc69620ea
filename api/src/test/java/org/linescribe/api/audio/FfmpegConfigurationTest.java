package org.linescribe.api.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.HttpConfiguration;
import org.linescribe.api.websocket.WebSocketConfiguration;
import org.linescribe.media.format.Ffmpeg;

class FfmpegConfigurationTest {
  private static ApiServer start(Map<String, Object> settings) {
    return ApiServer.start(
        new FakeSessions(),
        settings,
        HttpConfiguration.class,
        WebSocketConfiguration.class,
        FfmpegConfiguration.class);
  }

  @Test
  void emptyPathsMeanTheBundledProgramAndTheUsualCache() throws Exception {
    Map<String, Object> empty =
        Map.of("linescribe.ffmpeg.binary", "", "linescribe.ffmpeg.cache-directory", "");
    try (ApiServer server = start(empty)) {
      assertThat(server.bean(Ffmpeg.class).program().version()).startsWith("8.");
      assertThat(server.bean(Ffmpeg.class).maxChildren()).isEqualTo(256);
    }
  }

  @Test
  void theShortEnvironmentNameNamesTheProgram() {
    // As the environment variable LINESCRIBE_FFMPEG arrives: by both of its names.
    Map<String, Object> named =
        Map.of("LINESCRIBE_FFMPEG", "/nowhere/ffmpeg", "linescribe.ffmpeg.max-processes", "3");
    try (ApiServer server = start(named)) {
      assertThat(server.bean(Ffmpeg.class).maxChildren()).isEqualTo(3);
      assertThatThrownBy(() -> server.bean(Ffmpeg.class).program())
          .hasMessageContaining("/nowhere/ffmpeg");
    }
  }

  @Test
  void aWrongLogLevelStopsTheStart() {
    assertThatThrownBy(() -> start(Map.of("FFMPEG_LOGLEVEL", "chatty")).close())
        .rootCause()
        .hasMessageContaining("chatty")
        .hasMessageContaining("expected");
  }
}
