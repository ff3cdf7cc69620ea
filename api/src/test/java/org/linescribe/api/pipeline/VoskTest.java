package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.api.WebSocketClient;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

/** vosk-server's clients for Python and Node. */
class VoskTest {
  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();
  @TempDir private static Path folder;

  private static final HumanRecording RECORDING = HumanRecording.named("pin-jackson-1.wav");

  private static List<JsonNode> answers(ProgramRun run) {
    return run.succeeded().lines().stream().map(line -> json(line)).toList();
  }

  private static String text(List<JsonNode> answers) {
    return String.join(
            " ", answers.stream().map(answer -> answer.path("text").asString("")).toList())
        .strip()
        .replaceAll(" +", " ");
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void thePythonClientGetsAnAnswerForEachMessage() throws Exception {
    List<JsonNode> answers =
        answers(
            ProgramRun.of(
                folder,
                List.of(
                    PythonClients.python(),
                    ProjectFiles.example("vosk.py").toString(),
                    GATEWAY.ws("/vosk?session_id=vosk-python"),
                    RECORDING.file().toString())));
    assertThat(answers).allMatch(answer -> answer.has("partial") != answer.has("text"));
    int messages = (RECORDING.pcm().length + 1599) / 1600;
    assertThat(answers).hasSize(messages + 1);
    assertThat(RECORDING.errors(text(answers).toUpperCase(java.util.Locale.ROOT)))
        .isLessThanOrEqualTo(1);
    assertThat(GATEWAY.gateway().text("vosk-python")).isEqualToIgnoringCase(text(answers));
    List<JsonNode> words = new ArrayList<>();
    answers.forEach(answer -> answer.path("result").forEach(words::add));
    assertThat(words).hasSize(text(answers).split(" ").length);
    double last = 0;
    for (JsonNode word : words) {
      assertThat(word.get("start").asDouble()).isGreaterThanOrEqualTo(last);
      last = word.get("end").asDouble();
      assertThat(word.get("conf").asDouble()).isBetween(0.0, 1.0);
    }
  }

  private static ProgramRun node(String path) throws Exception {
    return NodeClients.run(
        folder, ProjectFiles.example("vosk.cjs"), GATEWAY.ws(path), RECORDING.file().toString());
  }

  @Test
  void theNodeClientSendsAWholeFileAndGoesOnAtTheNextNumber() throws Exception {
    for (int attempt = 1; attempt <= 2; attempt++) {
      List<JsonNode> answers = answers(node("/vosk?session_id=vosk-node"));
      assertThat(RECORDING.errors(text(answers).toUpperCase(java.util.Locale.ROOT)))
          .isLessThanOrEqualTo(1);
      assertThat(GATEWAY.gateway().text("vosk-node").split(" "))
          .hasSize(attempt * RECORDING.words().split(" ").length);
    }
    assertThat(GATEWAY.gateway().segments("vosk-node").getLast().seq())
        .isEqualTo(GATEWAY.gateway().segments("vosk-node").size());
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void theClientOfThePackageVoskStreamsGoesOnAndHearsOfAnError() throws Exception {
    for (int attempt = 1; attempt <= 2; attempt++) {
      List<JsonNode> answers = answers(transcriber("/vosk?session_id=vosk-package"));
      assertThat(RECORDING.errors(text(answers).toUpperCase(java.util.Locale.ROOT)))
          .isLessThanOrEqualTo(1);
      assertThat(GATEWAY.gateway().text("vosk-package").split(" "))
          .hasSize(attempt * RECORDING.words().split(" ").length);
    }
    ProgramRun refused = transcriber("/vosk?model=no-such-model");
    assertThat(refused.status()).isNotZero();
    assertThat(refused.output()).contains("1008").contains("model: expected one of");
    assertThat(node("/vosk?model=no-such-model").status()).isNotZero();
  }

  /** The half of vosk's own transcriber that speaks to a server; the other half is the engine. */
  private static ProgramRun transcriber(String path) throws Exception {
    Path pcm = folder.resolve("16k.pcm");
    BundledFfmpeg.run(
        List.of("-i", RECORDING.file().toString(), "-ar", "16000", "-f", "s16le", pcm.toString()));
    Path script =
        Files.writeString(
            folder.resolve("transcriber.py"),
            """
            import asyncio, json, sys
            from types import SimpleNamespace
            from vosk.transcriber.transcriber import Transcriber

            async def main(server, path):
                transcriber = Transcriber.__new__(Transcriber)  # its constructor loads an engine's model
                transcriber.args = SimpleNamespace(server=server)
                audio = await asyncio.create_subprocess_exec("cat", path, stdout=asyncio.subprocess.PIPE)
                results, _ = await transcriber.recognize_stream_server(audio)
                for result in results:
                    print(json.dumps(result))

            asyncio.run(main(*sys.argv[1:]))
            """);
    return ProgramRun.of(
        folder,
        List.of(PythonClients.python(), script.toString(), GATEWAY.ws(path), pcm.toString()),
        Map.of("PYTHONPATH", PythonClients.emptyModules(folder, "srt").toString()));
  }

  @Test
  void whatIsNotOfferedIsRefused() {
    for (String message :
        List.of("{\"config\":{\"phrase_list\":[\"one\"]}}", "{\"odd\":1}", "no json")) {
      try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/vosk"))) {
        client.send(message);
        assertThat(client.closed().code()).as(message).isEqualTo(1008);
      }
    }
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/vosk"))) {
      client.send("{\"config\":{\"sample_rate\":12345}}");
      client.send(new byte[320]);
      assertThat(client.closed().reason()).contains("12345");
    }
  }

  @Test
  void aConnectionThatBeginsAgainGoesOnAtTheNextNumber() throws Exception {
    byte[] pcm = SttPipelineTest.pcm(HumanCall.named(RECORDING.name()), 8000, 0);
    for (int attempt = 0; attempt < 2; attempt++) {
      try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/vosk"))) {
        client.send("{\"config\":{\"session_id\":\"vosk-again\",\"max_alternatives\":1}}");
        for (int at = 0; at < pcm.length; at += 8000) {
          client.send(Arrays.copyOfRange(pcm, at, Math.min(pcm.length, at + 8000)));
          client.next();
        }
        client.send("{\"reset\" : 1}");
        assertThat(json(client.next()).at("/alternatives/0/text").isString()).isTrue();
        client.send("{\"eof\" : 1}");
        assertThat(client.closed().code()).isEqualTo(1000);
      }
    }
    assertThat(GATEWAY.gateway().text("vosk-again").split(" ")).hasSize(8);
    assertThat(GATEWAY.gateway().segments("vosk-again").getLast().seq())
        .isEqualTo(GATEWAY.gateway().segments("vosk-again").size());
  }
}
