package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.g711.G711Law;
import tools.jackson.databind.JsonNode;

/** The law of a source's audio, as the readers of {@code GET /sessions/{id}} see it. */
class TranscribeLawTest {

  @TempDir private static Path data;
  private static RealGateway gateway;

  @BeforeAll
  static void startGateway() {
    gateway = new RealGateway(data);
  }

  @AfterAll
  static void stopGateway() {
    gateway.close();
  }

  private static JsonNode attributes(String id) throws Exception {
    return HttpAnswers.json(HttpAnswers.get(gateway.server().http("/sessions/" + id)))
        .path("attributes");
  }

  private static void awaitLaw(String id, String law) {
    await().until(() -> attributes(id).path("codec").asString(""), law::equals);
    await().until(() -> attributes(id).path("law").asString(""), law::equals);
  }

  private static WebSocketClient source(String idAndQuery) {
    return WebSocketClient.connect(gateway.server().ws("/ws/transcribe/" + idAndQuery));
  }

  @ParameterizedTest
  @CsvSource({"PCMU, auto", "PCMA, auto", "PCMU, pcmu", "PCMA, pcma"})
  void isKeptWithTheSessionWhetherItWasSaidOrDetected(G711Law law, String codec) throws Exception {
    String id = "law-" + law + "-" + codec;
    byte[] g711 = HumanCall.named("pin-jackson-1.wav").g711(law);
    try (WebSocketClient client = source(id + "?codec=" + codec)) {
      client.send(Arrays.copyOf(g711, 24_000));

      awaitLaw(id, law.name().toLowerCase(Locale.ROOT));
    }
    await().until(() -> gateway.hasEnded(id));
    assertThat(attributes(id).path("law").asString()).isEqualToIgnoringCase(law.name());
  }

  @Test
  void thatOnlyTheEndDecidesIsKeptToo() throws Exception {
    try (WebSocketClient client = source("short?codec=auto")) {
      client.send(new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0x7F});
      // An answer: the audio has arrived, and is too little to decide by.
      client.next();
      assertThat(attributes("short").has("law")).isFalse();
      assertThat(attributes("short").path("codec").asString()).isEqualTo("auto");
    }
    await().until(() -> gateway.hasEnded("short"));
    assertThat(attributes("short").path("codec").asString()).isEqualTo("pcmu");
    assertThat(attributes("short").path("law").asString()).isEqualTo("pcmu");
  }
}
