package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.stt.ChunkClient;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

/** Clients of the public registries and curl. */
class SttClientsTest {
  @TempDir private static Path data;
  private static RealGateway gateway;

  @BeforeAll
  static void startGateway() throws IOException {
    gateway = new RealGateway(Files.createDirectory(data.resolve("gateway")));
  }

  @AfterAll
  static void stopGateway() {
    gateway.close();
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void pythonsWebsocketsStreamsARecordingToItsEnd() throws Exception {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    Path audio = Files.write(data.resolve("audio.pcm"), SttPipelineTest.pcm(call, 16_000, 0));
    ProgramRun client =
        ProgramRun.of(
            data,
            List.of(
                PythonClients.python(),
                ProjectFiles.example("stt-stream.py").toString(),
                gateway
                    .server()
                    .ws(
                        "/stt/stream?language=en&provider=google&sample_rate=16000&chunk_size=1024"),
                audio.toString(),
                "1024"));
    List<JsonNode> messages = client.succeeded().lines().stream().map(line -> json(line)).toList();
    assertThat(messages.getFirst().get("type").asString()).isEqualTo("session_started");
    assertThat(messages)
        .filteredOn(message -> message.get("type").asString().equals("transcription"))
        .isNotEmpty()
        .allSatisfy(
            message -> {
              assertThat(OffsetDateTime.parse(message.get("timestamp").asString())).isNotNull();
              assertThat(message.get("is_final").isBoolean()).isTrue();
              assertThat(message.get("confidence").asDouble()).isBetween(0.0, 1.0);
            });
    assertThat(messages.getFirst().get("provider").asString()).isEqualTo("sherpa");
    assertThat(messages.getFirst().get("warning").asString()).contains("google");
    assertThat(messages.getLast().get("type").asString()).isEqualTo("session_ended");
    String heard =
        String.join(
            " ",
            messages.stream()
                .filter(message -> message.path("is_final").asBoolean(false))
                .map(message -> message.get("text").asString())
                .toList());
    assertThat(call.errors(heard)).isLessThanOrEqualTo(1);
    assertThat(gateway.text(messages.getFirst().get("session_id").asString())).isEqualTo(heard);
  }

  @NeedsTool(Tool.CURL)
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void curlPostsARecordingInChunks(boolean cookies) throws Exception {
    HumanCall call = HumanCall.named("card-george-2.wav");
    byte[] pcm = SttPipelineTest.pcm(call, 16_000, 0);
    ChunkClient curl = new ChunkClient(gateway.server().http("/stt/stream-chunk"), data);
    if (cookies) {
      curl.withCookies();
    }
    StringBuilder heard = new StringBuilder();
    String id = "";
    int piece = 32_001;
    for (int at = 0; at < pcm.length; at += piece) {
      boolean last = at + piece >= pcm.length;
      byte[] chunk = Arrays.copyOfRange(pcm, at, Math.min(pcm.length, at + piece));
      List<String> fields =
          new java.util.ArrayList<>(
              List.of(
                  "language=en", "provider=sherpa", "sample_rate=16000", "is_final_chunk=" + last));
      boolean first = id.isEmpty();
      if (!first && !cookies) {
        fields.add("session_id=" + id);
      }
      ChunkClient.Answer answer = curl.post(chunk, "chunk.raw", fields.toArray(String[]::new));
      assertThat(answer.status()).isEqualTo(200);
      id = answer.text("session_id");
      for (JsonNode said : answer.body().get("finals")) {
        heard.append(said.get("text").asString()).append(' ');
        assertThat(said.get("confidence").asDouble()).isBetween(0.01, 1.0);
      }
      // The first chunk belongs to nothing yet and is transcribed as a whole.
      assertThat(answer.body().get("ended").asBoolean()).isEqualTo(last || first);
    }
    assertThat(call.errors(heard.toString())).isLessThanOrEqualTo(1);
    assertThat(gateway.text(id)).isEqualTo(heard.toString().strip());
    assertThat(gateway.hasEnded(id)).isTrue();
  }

  @NeedsTool(Tool.CURL)
  @Test
  void curlPostsAContainerWhole() throws Exception {
    HumanCall call = HumanCall.named("card-george-2.wav");
    byte[] wav = HumanRecording.named(call.name()).wav();
    ChunkClient curl = new ChunkClient(gateway.server().http("/stt/stream-chunk"), data);
    ChunkClient.Answer answer = curl.post(wav, call.name(), "is_final_chunk=true");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().get("is_final").asBoolean()).isTrue();
    assertThat(call.errors(answer.text("text"))).isLessThanOrEqualTo(1);
  }
}
