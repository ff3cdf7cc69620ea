package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

/** The official openai packages for Python and Node. */
class OpenAiTest {
  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();
  @TempDir private static Path folder;

  private static final HumanCall CALL = HumanCall.named("pin-jackson-1.wav");
  private static final Path FILE = HumanRecording.named(CALL.name()).file();
  private static final String TRANSCRIPTION = "conversation.item.input_audio_transcription.";

  private static String address() {
    return "127.0.0.1:" + GATEWAY.gateway().server().port();
  }

  private static ProgramRun python(String script, String... arguments) throws Exception {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(PythonClients.python(), ProjectFiles.example(script).toString(), address()));
    command.addAll(List.of(arguments));
    return ProgramRun.of(folder, command);
  }

  private static List<JsonNode> json(ProgramRun run) {
    return run.succeeded().lines().stream()
        .filter(line -> line.startsWith("{"))
        .map(line -> json(line))
        .toList();
  }

  private static JsonNode json(String line) {
    return org.linescribe.api.HttpAnswers.json(line);
  }

  private static List<JsonNode> ofType(List<JsonNode> events, String type) {
    return events.stream().filter(event -> event.path("type").asString("").equals(type)).toList();
  }

  private static String joined(List<JsonNode> events, String member) {
    return String.join("", events.stream().map(event -> event.get(member).asString()).toList());
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void thePythonPackageTranscribesAFileInEveryFormat() throws Exception {
    JsonNode plain = json(python("openai-file.py", FILE.toString(), "json")).getFirst();
    assertThat(CALL.errors(plain.get("text").asString())).isLessThanOrEqualTo(1);
    assertThat(plain.at("/usage/seconds").asDouble()).isBetween(5.0, 6.0);

    JsonNode verbose = json(python("openai-file.py", FILE.toString(), "verbose_json")).getFirst();
    assertThat(verbose.get("text")).isEqualTo(plain.get("text"));
    assertThat(verbose.get("words").size()).isEqualTo(CALL.words().size());
    assertThat(verbose.at("/segments/0/end").asDouble()).isPositive();
    assertThat(verbose.at("/segments/0/avg_logprob").asDouble()).isNegative();
    assertThat(verbose.at("/segments/0").has("temperature")).isFalse();

    String text = python("openai-file.py", FILE.toString(), "text").succeeded().output().strip();
    assertThat(text).isEqualTo(plain.get("text").asString());
    String srt = python("openai-file.py", FILE.toString(), "srt").succeeded().output();
    assertThat(srt).startsWith("1\n00:00:0").contains(",").contains(" --> ");
    String vtt = python("openai-file.py", FILE.toString(), "vtt").succeeded().output();
    assertThat(vtt).startsWith("WEBVTT\n\n00:00:0").contains(".");

    List<JsonNode> events = json(python("openai-file.py", FILE.toString(), "stream"));
    assertThat(joined(ofType(events, "transcript.text.delta"), "delta"))
        .isEqualTo(ofType(events, "transcript.text.done").getFirst().get("text").asString())
        .isEqualTo(plain.get("text").asString());
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void whatIsNotOfferedIsToldInOpenAisWords() throws Exception {
    ProgramRun format = python("openai-file.py", FILE.toString(), "diarized_json");
    assertThat(format.status()).isNotZero();
    assertThat(format.output())
        .contains("BadRequestError")
        .contains("response_format: expected json");
    Path noAudio = Files.writeString(folder.resolve("no-audio.wav"), "no audio at all");
    assertThat(python("openai-file.py", noAudio.toString(), "json").output())
        .contains("BadRequestError");
  }

  private static Path audio(String format) throws Exception {
    byte[] bytes =
        switch (format) {
          case "audio/pcm" -> SttPipelineTest.pcm(CALL, 24_000, 0);
          case "audio/pcmu" -> CALL.g711(G711Law.PCMU);
          default -> CALL.g711(G711Law.PCMA);
        };
    return Files.write(folder.resolve(format.replace('/', '.')), bytes);
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @ParameterizedTest
  @CsvSource({"audio/pcm, server", "audio/pcma, manual"})
  void thePythonPackageHoldsATranscriptionSession(String format, String turns) throws Exception {
    String id = "openai-" + turns;
    int before = 0;
    // The second connection goes on where the first one ended.
    for (int attempt = 0; attempt < 2; attempt++) {
      List<JsonNode> events =
          json(python("openai-realtime.py", audio(format).toString(), format, turns, "4", id));
      assertThat(events.getFirst().get("type").asString()).isEqualTo("session.created");
      JsonNode session = ofType(events, "session.updated").getFirst().get("session");
      assertThat(session.get("type").asString()).isEqualTo("transcription");
      assertThat(session.at("/audio/input/format/type").asString()).isEqualTo(format);
      assertThat(session.get("id").asString()).isEqualTo(id);
      List<JsonNode> completed = ofType(events, TRANSCRIPTION + "completed");
      String heard =
          String.join(
              " ", completed.stream().map(event -> event.get("transcript").asString()).toList());
      assertThat(CALL.errors(heard)).isLessThanOrEqualTo(1);
      assertThat(joined(ofType(events, TRANSCRIPTION + "delta"), "delta"))
          .isEqualToIgnoringWhitespace(heard);
      assertThat(completed.getFirst().get("item_id").asString())
          .isEqualTo("item_" + id + "_" + (before + 1));
      assertThat(ofType(events, "input_audio_buffer.committed")).hasSameSizeAs(completed);
      if (turns.equals("manual")) {
        assertThat(completed).hasSize(1);
      } else {
        assertThat(ofType(events, "input_audio_buffer.speech_started")).hasSameSizeAs(completed);
      }
      JsonNode error = ofType(events, "error").getFirst().get("error");
      assertThat(error.get("type").asString()).isEqualTo("invalid_request_error");
      before = GATEWAY.gateway().segments(id).size();
    }
    assertThat(GATEWAY.gateway().text(id).split(" ")).hasSize(2 * CALL.words().size());
  }

  private static ProgramRun node(Path file) throws Exception {
    return NodeClients.run(
        folder,
        ProjectFiles.example("openai.cjs"),
        address(),
        file.toString(),
        audio("audio/pcmu").toString());
  }

  @Test
  void theNodePackageIsToldOfAFileThatIsNoAudio() throws Exception {
    ProgramRun run = node(Files.writeString(folder.resolve("no-audio-2.wav"), "no audio at all"));
    assertThat(run.status()).isNotZero();
    assertThat(run.output()).contains("BadRequestError");
  }

  @Test
  void theNodePackageTranscribesAFileAndHoldsASession() throws Exception {
    ProgramRun run = node(FILE);
    assertThat(run.output()).contains("error").contains("input_audio_buffer.clear");
    List<JsonNode> events = json(run);
    assertThat(CALL.errors(events.getFirst().get("text").asString())).isLessThanOrEqualTo(1);
    JsonNode completed = ofType(events, TRANSCRIPTION + "completed").getFirst();
    assertThat(CALL.errors(completed.get("transcript").asString())).isLessThanOrEqualTo(1);
  }
}
