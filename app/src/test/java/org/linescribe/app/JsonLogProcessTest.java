package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The log of a real process that writes it as JSON and traces its sessions. */
final class JsonLogProcessTest {
  private static final String ID = "0194e7a1-0000-7000-8000-000000000002";

  @TempDir Path data;

  @Test
  void aLineOfASessionHasItsIdAndItsTrace() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver();
        ServeProcess gateway =
            ServeProcess.startOnFreePorts(
                data,
                "--set",
                "linescribe.log-format=json",
                "--set",
                "linescribe.tracing.endpoint=" + receiver.endpoint())) {
      assertThat(gateway.isReady()).as(gateway.output()).isTrue();
      try (ApiClient source = new ApiClient("ws://" + gateway.http() + "/ws/transcribe/" + ID)) {
        // What the audio is has to be detected, which is logged while the session is open.
        source.send(new byte[800], 800);
      }

      await().alias(gateway.output()).until(() -> !of(gateway).isEmpty());
      assertThat(of(gateway))
          .allSatisfy(
              line -> {
                assertThat(line.path("message").asString()).contains(ID);
                assertThat(line.path("trace_id").asString("")).isEqualTo(ID.replace("-", ""));
              });
    }
  }

  private static List<JsonNode> of(ServeProcess gateway) {
    return gateway
        .output()
        .lines()
        .filter(line -> line.startsWith("{"))
        .map(line -> JsonMapper.shared().readTree(line))
        .filter(line -> line.path("session_id").asString("").equals(ID))
        .toList();
  }
}
