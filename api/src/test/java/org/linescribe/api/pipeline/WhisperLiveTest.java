package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.api.WebSocketClient;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

/** WhisperLive's own client, and frames of its protocol for what that client does not send. */
class WhisperLiveTest {
  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();
  @TempDir private static Path folder;

  private static final HumanCall CALL = HumanCall.named("pin-jackson-1.wav");

  private static ProgramRun client(String query, String... options) throws Exception {
    Path wav = folder.resolve("16k.wav");
    BundledFfmpeg.run(
        List.of(
            "-y",
            "-i",
            HumanRecording.named(CALL.name()).file().toString(),
            "-ar",
            "16000",
            wav.toString()));
    List<String> command =
        new ArrayList<>(
            List.of(
                PythonClients.python(),
                ProjectFiles.example("whisperlive.py").toString(),
                "127.0.0.1",
                GATEWAY.gateway().server().port() + "/whisperlive" + query,
                wav.toString()));
    command.addAll(List.of(options));
    // The streaming client has no microphone, files or network streams, but imports their modules.
    Path modules = PythonClients.emptyModules(folder, "pyaudio", "av", "scipy");
    return ProgramRun.of(folder, command, Map.of("PYTHONPATH", modules.toString()));
  }

  private static List<JsonNode> segments(ProgramRun run, String kind) {
    return run.succeeded().lines().stream()
        .filter(line -> line.startsWith("{"))
        .map(line -> json(line))
        .filter(line -> line.get("kind").asString().equals(kind))
        .toList();
  }

  private static String text(List<JsonNode> segments) {
    return String.join(" ", segments.stream().map(one -> one.get("text").asString()).toList());
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void theOwnClientStreamsAndGoesOnAtTheNextNumber() throws Exception {
    for (int attempt = 1; attempt <= 2; attempt++) {
      ProgramRun run = client("?session_id=whisperlive-again", "lang=en", "model=small");
      List<JsonNode> committed = segments(run, "committed");
      assertThat(CALL.errors(text(committed))).isLessThanOrEqualTo(1);
      assertThat(segments(run, "partial")).isNotEmpty();
      List<JsonNode> all =
          segments(run, "transcript").getFirst().get("segments").valueStream().toList();
      assertThat(text(all)).isEqualTo(text(committed));
      double last = 0;
      for (JsonNode segment : all) {
        assertThat(segment.get("completed").asBoolean()).isTrue();
        double start = Double.parseDouble(segment.get("start").asString());
        assertThat(start).isGreaterThanOrEqualTo(last);
        last = Double.parseDouble(segment.get("end").asString());
        assertThat(last).isGreaterThan(start);
      }
      assertThat(GATEWAY.gateway().text("whisperlive-again").split(" "))
          .hasSize(attempt * CALL.words().size());
    }
    assertThat(GATEWAY.gateway().segments("whisperlive-again").getLast().seq())
        .isEqualTo(GATEWAY.gateway().segments("whisperlive-again").size());
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void theOwnClientIsToldWhatIsNotOffered() throws Exception {
    ProgramRun run = client("", "enable_translation=true");
    assertThat(run.status()).isNotZero();
    assertThat(run.output())
        .contains("Message from Server: enable_translation: not offered by this server");
  }

  private static byte[] float32() {
    byte[] pcm = SttPipelineTest.pcm(CALL, 16_000, 0);
    ByteBuffer samples = ByteBuffer.wrap(pcm).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer floats = ByteBuffer.allocate(2 * pcm.length).order(ByteOrder.LITTLE_ENDIAN);
    while (samples.hasRemaining()) {
      floats.putFloat(samples.getShort() / 32768f);
    }
    return floats.array();
  }

  private static List<JsonNode> stream(String options, byte[] audio) throws InterruptedException {
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/whisperlive"))) {
      client.send(options);
      JsonNode ready = json(client.next());
      assertThat(ready.get("message").asString()).isEqualTo("SERVER_READY");
      // As its client, which keeps completed segments of this backend only.
      assertThat(ready.get("backend").asString()).isEqualTo("faster_whisper");
      for (int at = 0; at < audio.length; at += 16_384) {
        client.send(Arrays.copyOfRange(audio, at, Math.min(audio.length, at + 16_384)));
      }
      client.send("END_OF_AUDIO".getBytes(StandardCharsets.US_ASCII));
      assertThat(client.closed().code()).isEqualTo(1000);
      return Stream.concat(Stream.of(ready), client.received().stream().map(text -> json(text)))
          .toList();
    }
  }

  @Test
  void theUidIsTheSessionAndFloatsAndIntegersAreTheSameWords() throws Exception {
    byte[] floats = float32();
    List<JsonNode> messages =
        stream("{\"uid\":\"whisperlive-uid\",\"word_timestamps\":true}", floats);
    assertThat(messages)
        .allMatch(message -> message.get("uid").asString().equals("whisperlive-uid"));
    String once = GATEWAY.gateway().text("whisperlive-uid");
    assertThat(CALL.errors(once)).isLessThanOrEqualTo(1);
    JsonNode done =
        messages.reversed().stream().filter(one -> one.has("segments")).findFirst().orElseThrow();
    List<JsonNode> words = new ArrayList<>();
    done.get("segments").forEach(segment -> segment.path("words").forEach(words::add));
    assertThat(words).hasSize(once.split(" ").length);
    assertThat(words)
        .allSatisfy(word -> assertThat(word.get("probability").asDouble()).isBetween(0.0, 1.0));

    messages =
        stream(
            "{\"uid\":\"whisperlive-uid\",\"audio_format\":\"int16\",\"send_last_n_segments\":1}",
            SttPipelineTest.pcm(CALL, 16_000, 0));
    await().until(() -> GATEWAY.gateway().text("whisperlive-uid").equals(once + " " + once));
    assertThat(messages)
        .filteredOn(message -> message.has("segments"))
        .allSatisfy(
            message -> {
              assertThat(message.get("segments").size()).isLessThanOrEqualTo(2);
              message
                  .get("segments")
                  .forEach(segment -> assertThat(segment.has("words")).isFalse());
            });
  }

  @Test
  void whatIsNotOfferedIsAnErrorOfWhisperLives() throws Exception {
    for (String option :
        List.of(
            "\"task\":\"translate\"",
            "\"enable_translation\":true",
            "\"enable_diarization\":true",
            "\"known_speakers\":[{\"name\":\"a\"}]",
            "\"audio_format\":\"uint8\"")) {
      try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/whisperlive"))) {
        client.send("{\"uid\":\"u1\"," + option + "}");
        JsonNode error = json(client.next());
        assertThat(error.get("uid").asString()).as(option).isEqualTo("u1");
        assertThat(error.get("status").asString()).as(option).isEqualTo("ERROR");
        assertThat(error.get("message").asString()).contains(option.split("\"")[1]);
        assertThat(client.closed().code()).as(option).isEqualTo(1008);
      }
    }
    for (String first : List.of("no json", "{}", "{\"uid\":\"a b\"}", "[]")) {
      try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/whisperlive"))) {
        client.send(first);
        assertThat(client.closed().code()).as(first).isEqualTo(1008);
      }
    }
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/whisperlive"))) {
      client.send(new byte[640]);
      assertThat(client.closed().reason()).contains("options");
    }
  }
}
