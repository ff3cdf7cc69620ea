package org.linescribe.api.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;

class MetricsApiTest {
  @Test
  void exportsWhatTheApisCount() throws IOException, InterruptedException {
    try (ApiServer server = ApiServer.start(new FakeSessions(), Map.of())) {
      try (WebSocketClient client =
          WebSocketClient.connect(server.ws("/ws/transcribe/x?codec=pcmu"))) {
        client.send(new byte[160]);
        client.next();

        HttpResponse<String> metrics = get(server.http("/metrics"));

        assertThat(metrics.headers().firstValue("Content-Type").orElseThrow())
            .startsWith("text/plain");
        assertThat(metrics.body())
            .contains("linescribe_api_websocket_open 1.0")
            .contains("linescribe_api_transcribe_audio_bytes_total 160.0");
      }
    }
  }

  @Test
  void speaksOpenMetricsWhenAsked() throws IOException, InterruptedException {
    try (ApiServer server = ApiServer.start(new FakeSessions(), Map.of())) {
      HttpResponse<String> metrics =
          get(server.http("/metrics"), "Accept", "application/openmetrics-text; version=1.0.0");
      assertThat(metrics.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("application/openmetrics-text");
      assertThat(metrics.body()).endsWith("# EOF\n");
    }
  }
}
