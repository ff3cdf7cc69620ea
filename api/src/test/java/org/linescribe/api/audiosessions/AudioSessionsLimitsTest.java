package org.linescribe.api.audiosessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.audiosessions.AudioSessionsServer.closeSession;
import static org.linescribe.api.audiosessions.AudioSessionsServer.stream;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.format.Ffmpeg;
import tools.jackson.databind.JsonNode;

class AudioSessionsLimitsTest {
  @TempDir Path storage;

  private static double refused(AudioSessionsServer gateway, String limit) {
    return gateway
        .server()
        .bean(MeterRegistry.class)
        .counter("linescribe.audio.sessions.refused", "limit", limit)
        .count();
  }

  @Test
  void oneSessionMoreThanAllowedIsRefusedUntilOneCloses() throws Exception {
    try (AudioSessionsServer gateway =
            new AudioSessionsServer(storage, Map.of("MAX_CONCURRENT_SESSIONS", "2"));
        WebSocketClient first = gateway.create("");
        WebSocketClient second = gateway.create("")) {
      first.next();
      second.next();
      try (WebSocketClient third = gateway.create("")) {
        assertThat(json(third.next()).get("error").asString()).isEqualTo("Too many sessions");
        assertThat(third.closed().code()).isEqualTo(1013);
      }
      assertThat(refused(gateway, "max-sessions")).isEqualTo(1);
      closeSession(first);
      try (WebSocketClient third = gateway.create("")) {
        assertThat(json(third.next()).get("status").asString()).isEqualTo("active");
      }
    }
  }

  @Test
  void oneConnectionMoreThanAllowedIsRefused() throws Exception {
    try (AudioSessionsServer gateway =
            new AudioSessionsServer(storage, Map.of("MAX_CONNECTIONS_PER_SESSION", "2"));
        WebSocketClient first = gateway.create("?sample_rate=8000")) {
      String id = json(first.next()).get("session_id").asString();
      try (WebSocketClient second = gateway.join(id)) {
        stream(second, List.of(new byte[10]));
        try (WebSocketClient third = gateway.join(id)) {
          assertThat(json(third.next()).get("error").asString()).isEqualTo("Too many connections");
          assertThat(third.closed().code()).isEqualTo(1013);
        }
      }
      assertThat(refused(gateway, "max-connections-per-session")).isEqualTo(1);
      await().until(() -> gateway.info(id).get("connections").asInt() == 1);
      try (WebSocketClient second = gateway.join(id)) {
        stream(second, List.of(new byte[10]));
      }
    }
  }

  @Test
  void aChunkAndAMessageThatAreTooLargeCloseTheirConnectionOnly() throws Exception {
    Map<String, Object> small =
        Map.of("MAX_CHUNK_SIZE_MB", "1", "MAX_MESSAGE_SIZE_BYTES", "2000000");
    try (AudioSessionsServer gateway = new AudioSessionsServer(storage, small);
        WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(new byte[1 << 20])).get("session_id").asString();
      client.send(new byte[(1 << 20) + 1]);
      assertThat(json(client.next()).get("error").asString()).contains("too large");
      assertThat(client.closed().code()).isEqualTo(1009);
      assertThat(refused(gateway, "max-chunk")).isEqualTo(1);
      assertThat(gateway.info(id).get("status").asString()).isEqualTo("active");
      try (WebSocketClient again = gateway.join(id)) {
        assertThat(stream(again, List.of(new byte[100])).get("chunk_count").asLong()).isEqualTo(2);
      }
    }
  }

  @Test
  void aStreamWithoutAFreeDecoderIsSentAwayAndItsSessionStaysWhole() throws Exception {
    byte[] mp3 = Sound.encoded(storage, "busy.mp3", 1, "-b:a", "64k");
    try (AudioSessionsServer gateway =
            new AudioSessionsServer(storage, Map.of("linescribe.ffmpeg.max-processes", "1"));
        WebSocketClient first = gateway.create("?format=mp3")) {
      stream(first, Sound.pieces(mp3, 10_000));
      String id;
      try (WebSocketClient second = gateway.create("?format=mp3")) {
        id = json(second.next()).get("session_id").asString();
        second.send(mp3);
        JsonNode answer = json(second.next());
        assertThat(answer.get("error").asString()).contains("in use");
        assertThat(answer.get("status").asString()).isEqualTo("active");
        assertThat(second.closed().code()).isEqualTo(1013);
      }
      assertThat(refused(gateway, "decoders")).isEqualTo(1);
      closeSession(first);
      // A child's place is free when its process is gone, a moment after its last audio.
      await().until(() -> gateway.server().bean(Ffmpeg.class).running() == 0);
      try (WebSocketClient again = gateway.join(id)) {
        stream(again, List.of(mp3));
        assertThat(closeSession(again).get("status").asString()).isEqualTo("completed");
        assertThat(gateway.info(id).get("duration_seconds").asDouble()).isGreaterThan(8);
      }
    }
  }

  @Test
  void tenMebibytesAreOneMessageByDefault() throws Exception {
    try (AudioSessionsServer gateway = new AudioSessionsServer(storage, Map.of());
        WebSocketClient client = gateway.create("?sample_rate=96000&channels=2")) {
      byte[] most = new byte[10 << 20];
      assertThat(stream(client, List.of(most)).get("status").asString()).isEqualTo("active");
    }
  }

  private static void pass(AudioSessionsServer gateway, Duration time) {
    gateway.server().bean(ManualClock.class).advance(time);
  }

  @Test
  void aSessionEndsWhenItsTimeIsUsedUp() throws Exception {
    Map<String, Object> idleForADay = Map.of("CONNECTION_TIMEOUT_SECONDS", "86400");
    try (AudioSessionsServer gateway =
            new AudioSessionsServer(storage, idleForADay, ManualClock.Configured.class);
        WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(new byte[100])).get("session_id").asString();
      pass(gateway, Duration.ofHours(24));
      gateway.server().bean(AudioSessions.class).sweep();
      assertThat(stream(client, List.of(new byte[100])).get("status").asString())
          .isEqualTo("active");
      pass(gateway, Duration.ofMillis(1));
      assertThat(json(client.next()).get("status").asString()).isEqualTo("completed");
      assertThat(client.closed().code()).isEqualTo(1000);
      assertThat(gateway.info(id).get("close_reason").asString()).isEqualTo("expired");
      assertThat(Sound.pcm(gateway.file(id))).hasSize(200);
    }
  }

  @Test
  void aSilentConnectionIsClosedAndADesertedSessionCompleted() throws Exception {
    Duration timeout = Duration.ofSeconds(300);
    try (AudioSessionsServer gateway =
            new AudioSessionsServer(storage, Map.of(), ManualClock.Configured.class);
        WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(new byte[100])).get("session_id").asString();
      pass(gateway, timeout.plusMillis(1));
      assertThat(client.closed().reason()).isEqualTo("idle: no message for 300 s");
      assertThat(refused(gateway, "connection-timeout")).isEqualTo(1);
      await().until(() -> gateway.info(id).get("connections").asInt() == 0);
      assertThat(gateway.info(id).get("status").asString()).isEqualTo("active");
      pass(gateway, timeout.plusMillis(1));
      await().until(() -> gateway.info(id).get("status").asString().equals("completed"));
      assertThat(gateway.info(id).get("close_reason").asString()).isEqualTo("idle");
    }
  }

  @Test
  void anIdleConnectionIsCountedOnceHoweverLongItTakesToGo() throws Exception {
    try (AudioSessionsServer gateway =
        new AudioSessionsServer(storage, Map.of(), ManualClock.Configured.class)) {
      WebSocketClient deaf =
          WebSocketClient.connectWithoutReading(gateway.server().ws("/api/ws/audio"));
      AudioSessions sessions = gateway.server().bean(AudioSessions.class);
      // Its time begins when it is let in, which nobody is told who does not read.
      await()
          .until(
              () -> {
                if (refused(gateway, "connection-timeout") == 0) {
                  pass(gateway, Duration.ofSeconds(301));
                  sessions.sweep();
                }
                return refused(gateway, "connection-timeout") == 1;
              });
      for (int sweep = 0; sweep < 5; sweep++) {
        sessions.sweep();
      }
      assertThat(refused(gateway, "connection-timeout")).isEqualTo(1);
      deaf.abort();
    }
  }

  @Test
  void theDocumentedNamesSetTheDefaults() throws Exception {
    Path elsewhere = storage.resolve("elsewhere");
    Map<String, Object> documented =
        Map.of(
            "AUDIO_STORAGE_PATH",
            elsewhere.toString(),
            "DEFAULT_SAMPLE_RATE",
            "16000",
            "DEFAULT_CHANNELS",
            "2",
            "DEFAULT_FORMAT",
            "flac",
            "MAX_SESSION_DURATION_HOURS",
            "48",
            "linescribe.audio-sessions.max-sessions",
            "7",
            "MAX_CONCURRENT_SESSIONS",
            "9");
    try (AudioSessionsServer gateway = new AudioSessionsServer(documented);
        WebSocketClient client = gateway.create("")) {
      String id = json(client.next()).get("session_id").asString();
      assertThat(gateway.info(id).get("sample_rate").asInt()).isEqualTo(16_000);
      assertThat(gateway.info(id).get("channels").asInt()).isEqualTo(2);
      assertThat(gateway.info(id).get("format").asString()).isEqualTo("flac");
      assertThat(elsewhere.resolve(id + ".wav")).exists();
      AudioSessionSettings settings = gateway.server().bean(AudioSessionSettings.class);
      assertThat(settings.maxDuration()).hasHours(48);
      assertThat(settings.maxSessions()).as("our own name goes first").isEqualTo(7);
      assertThat(settings.connectionTimeout()).hasSeconds(300);
      assertThat(settings.maxMessage().toBytes()).isEqualTo(10_485_760);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DEFAULT_SAMPLE_RATE,11025,default-sample-rate",
    "linescribe.audio-sessions.max-sessions,0,max-sessions",
    "CONNECTION_TIMEOUT_SECONDS,0,connection-timeout",
    "DEFAULT_FORMAT,ogg,default-format"
  })
  void aWrongSettingStopsTheStartInItsOwnWords(String name, String value, String key) {
    assertThatThrownBy(() -> new AudioSessionsServer(storage, Map.of(name, value)).close())
        .rootCause()
        .hasMessageContaining("linescribe.audio-sessions." + key + ": ")
        .hasMessageContaining("expected");
  }
}
