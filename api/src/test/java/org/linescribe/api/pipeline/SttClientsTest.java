package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ClientTools;
import org.linescribe.api.Patience;
import org.linescribe.api.stt.ChunkClient;
import tools.jackson.databind.JsonNode;

/** Clients that nobody here wrote, from the document alone. */
class SttClientsTest {
  /** As the document describes: open with the query, send PCM in chunks, print what comes. */
  private static final String PROGRAM =
      """
      import asyncio, datetime, json, sys
      import websockets

      async def main(uri, path, chunk):
          async with websockets.connect(uri, open_timeout=120, ping_timeout=None) as ws:
              started = json.loads(await ws.recv())
              assert started["type"] == "session_started", started
              print(json.dumps(started), flush=True)

              async def receive():
                  async for text in ws:
                      message = json.loads(text)
                      if message["type"] == "transcription":
                          datetime.datetime.fromisoformat(message["timestamp"])
                          assert isinstance(message["is_final"], bool)
                          assert 0 <= message["confidence"] <= 1
                      print(json.dumps(message), flush=True)

              receiving = asyncio.create_task(receive())
              with open(path, "rb") as audio:
                  while data := audio.read(chunk):
                      await ws.send(data)
                      await asyncio.sleep(0.001)
              await ws.send(json.dumps({"type": "end"}))
              await receiving

      asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
      """;

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

  @Test
  void pythonsWebsocketsStreamsARecordingToItsEnd() throws Exception {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    Path program = Files.writeString(data.resolve("client.py"), PROGRAM);
    Path audio = Files.write(data.resolve("audio.pcm"), SttPipelineTest.pcm(call, 16_000, 0));
    Process python =
        new ProcessBuilder(
                ClientTools.python(),
                program.toString(),
                gateway
                    .server()
                    .ws(
                        "/stt/stream?language=en&provider=google&sample_rate=16000&chunk_size=1024"),
                audio.toString(),
                "1024")
            .redirectErrorStream(true)
            .start();
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(python.waitFor(Patience.LONG)).isTrue();
    assertThat(python.exitValue()).as(said).isZero();
    List<JsonNode> messages = said.lines().map(line -> json(line)).toList();
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

  @Test
  void curlPostsARecordingInChunks() throws Exception {
    HumanCall call = HumanCall.named("card-george-2.wav");
    byte[] pcm = SttPipelineTest.pcm(call, 16_000, 0);
    ChunkClient curl = new ChunkClient(gateway.server().http("/stt/stream-chunk"), data);
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
      if (!id.isEmpty()) {
        fields.add("session_id=" + id);
      }
      ChunkClient.Answer answer = curl.post(chunk, "chunk.raw", fields.toArray(String[]::new));
      assertThat(answer.status()).isEqualTo(200);
      id = answer.text("session_id");
      for (JsonNode said : answer.body().get("finals")) {
        heard.append(said.get("text").asString()).append(' ');
        assertThat(said.get("confidence").asDouble()).isBetween(0.01, 1.0);
      }
      assertThat(answer.body().get("ended").asBoolean()).isEqualTo(last);
    }
    assertThat(call.errors(heard.toString())).isLessThanOrEqualTo(1);
    assertThat(gateway.text(id)).isEqualTo(heard.toString().strip());
    assertThat(gateway.hasEnded(id)).isTrue();
  }

  @Test
  void curlPostsAContainerWhole() throws Exception {
    HumanCall call = HumanCall.named("card-george-2.wav");
    byte[] wav =
        Files.readAllBytes(HumanCall.sharedFolder().resolve("test-calls/human/" + call.name()));
    ChunkClient curl = new ChunkClient(gateway.server().http("/stt/stream-chunk"), data);
    ChunkClient.Answer answer = curl.post(wav, call.name(), "is_final_chunk=true");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().get("is_final").asBoolean()).isTrue();
    assertThat(call.errors(answer.text("text"))).isLessThanOrEqualTo(1);
  }
}
