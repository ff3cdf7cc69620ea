package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

/** Deepgram's own clients for Python and Node. */
class DeepgramTest {
  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();
  @TempDir private static Path folder;

  private static final HumanCall CALLER = HumanCall.named("pin-jackson-1.wav");
  private static final HumanCall CALLEE = HumanCall.named("pin-lucas-2.wav");

  private static String address() {
    return "127.0.0.1:" + GATEWAY.gateway().server().port();
  }

  private static List<JsonNode> python(String script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(PythonClients.python(), ProjectFiles.example(script).toString(), address()));
    command.addAll(List.of(arguments));
    return messages(ProgramRun.of(folder, command).succeeded());
  }

  private static List<JsonNode> ofType(List<JsonNode> messages, String type) {
    return messages.stream()
        .filter(message -> message.path("type").asString("").equals(type))
        .toList();
  }

  private static List<JsonNode> finals(List<JsonNode> messages, int channel) {
    return ofType(messages, "Results").stream()
        .filter(message -> message.get("is_final").asBoolean())
        .filter(message -> message.get("channel_index").get(0).asInt() == channel)
        .toList();
  }

  private static String transcript(List<JsonNode> results) {
    return String.join(
            " ",
            results.stream()
                .map(result -> result.at("/channel/alternatives/0/transcript").asString())
                .toList())
        .strip();
  }

  /** Both parties' samples in turn. */
  private static byte[] stereo() {
    byte[] left = CALLER.g711(G711Law.PCMU);
    byte[] right = CALLEE.g711(G711Law.PCMU);
    byte[] both = new byte[2 * Math.max(left.length, right.length)];
    for (int i = 0; i < both.length / 2; i++) {
      both[2 * i] = i < left.length ? left[i] : (byte) G711Law.PCMU.encode(0);
      both[2 * i + 1] = i < right.length ? right[i] : (byte) G711Law.PCMU.encode(0);
    }
    return both;
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void thePythonSdkStreamsBothChannelsAsLegs() throws Exception {
    Path audio = Files.write(folder.resolve("both.ulaw"), stereo());
    List<JsonNode> messages =
        python(
            "deepgram-live.py",
            audio.toString(),
            "mulaw",
            "8000",
            "channels=2",
            "multichannel=true",
            "interim_results=true",
            "vad_events=true",
            "utterance_end_ms=1000",
            "session_id=deepgram-both");
    List<JsonNode> caller = finals(messages, 0);
    List<JsonNode> callee = finals(messages, 1);
    assertThat(CALLER.errors(transcript(caller))).isLessThanOrEqualTo(1);
    assertThat(CALLEE.errors(transcript(callee))).isLessThanOrEqualTo(1);
    assertThat(GATEWAY.text("deepgram-both", "caller")).isEqualTo(transcript(caller));
    assertThat(GATEWAY.text("deepgram-both", "callee")).isEqualTo(transcript(callee));
    JsonNode first = caller.getFirst();
    assertThat(first.at("/metadata/request_id").asString()).isEqualTo("deepgram-both");
    assertThat(first.get("speech_final").asBoolean()).isTrue();
    JsonNode words = first.at("/channel/alternatives/0/words");
    assertThat(words.size())
        .isEqualTo(first.at("/channel/alternatives/0/transcript").asString().split(" ").length);
    for (JsonNode word : words) {
      assertThat(word.get("end").asDouble()).isGreaterThanOrEqualTo(word.get("start").asDouble());
      assertThat(word.get("confidence").asDouble()).isBetween(0.0, 1.0);
    }
    assertThat(ofType(messages, "SpeechStarted")).isNotEmpty();
    JsonNode metadata = ofType(messages, "Metadata").getFirst();
    assertThat(metadata.get("request_id").asString()).isEqualTo("deepgram-both");
    assertThat(metadata.get("sha256").asString()).hasSize(64);
    assertThat(metadata.get("duration").asDouble()).isBetween(1.0, 30.0);
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void thePythonSdkGoesOnAtTheNextNumber() throws Exception {
    Path audio = Files.write(folder.resolve("again.ulaw"), CALLER.g711(G711Law.PCMU));
    int heard = 0;
    for (int attempt = 1; attempt <= 2; attempt++) {
      List<JsonNode> messages =
          python("deepgram-live.py", audio.toString(), "mulaw", "8000", "session_id=python-again");
      for (JsonNode result : finals(messages, 0)) {
        // What Finalize finds nothing for has no number.
        if (result.has("seq")) {
          assertThat(result.get("seq").asInt()).isEqualTo(++heard);
        }
      }
    }
    assertThat(GATEWAY.gateway().segments("python-again")).hasSize(heard);
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void thePythonSdkTranscribesAFile() throws Exception {
    HumanRecording recording = HumanRecording.named(CALLER.name());
    JsonNode answer =
        python("deepgram-file.py", recording.file().toString(), "session_id=deepgram-file")
            .getFirst();
    JsonNode said = answer.at("/results/channels/0/alternatives/0");
    assertThat(recording.errors(said.get("transcript").asString())).isLessThanOrEqualTo(1);
    assertThat(said.get("words").size()).isEqualTo(CALLER.words().size());
    assertThat(GATEWAY.gateway().text("deepgram-file"))
        .isEqualTo(said.get("transcript").asString());
    assertThat(answer.at("/metadata/channels").asInt()).isEqualTo(1);
  }

  @Test
  void theTwoChannelsOfAFileAreItsPartiesWhereTheyAreAskedFor() throws Exception {
    byte[] mulaw = stereo();
    HttpResponse<String> answer;
    try (HttpClient client = HttpClient.newHttpClient()) {
      answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(
                          GATEWAY.http(
                              "/v1/listen?encoding=mulaw&sample_rate=8000&channels=2"
                                  + "&multichannel=true&session_id=deepgram-stereo")))
                  .header("Content-Type", "audio/mulaw")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(mulaw))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
    }
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode channels = json(answer.body()).at("/results/channels");
    assertThat(channels).hasSize(2);
    assertThat(CALLER.errors(channels.at("/0/alternatives/0/transcript").asString()))
        .isLessThanOrEqualTo(1);
    assertThat(CALLEE.errors(channels.at("/1/alternatives/0/transcript").asString()))
        .isLessThanOrEqualTo(1);
    assertThat(json(answer.body()).at("/metadata/channels").asInt()).isEqualTo(2);
    assertThat(CALLEE.errors(GATEWAY.text("deepgram-stereo", "callee"))).isLessThanOrEqualTo(1);
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void whatIsNotOfferedIsToldInDeepgramsWords() throws Exception {
    Path audio = Files.write(folder.resolve("short.ulaw"), CALLER.g711(G711Law.PCMU));
    List<JsonNode> messages =
        python("deepgram-live.py", audio.toString(), "mulaw", "8000", "diarize=true");
    assertThat(messages).hasSize(1);
    assertThat(messages.getFirst().get("type").asString()).isEqualTo("Error");
    assertThat(messages.getFirst().get("description").asString()).contains("diarize");
    ProgramRun refused =
        ProgramRun.of(
            folder,
            List.of(
                PythonClients.python(),
                ProjectFiles.example("deepgram-file.py").toString(),
                address(),
                audio.toString(),
                "redact=pci"));
    assertThat(refused.status()).isNotZero();
    assertThat(refused.output()).contains("400").contains("redact");
  }

  private static ProgramRun node(byte[] mulaw, Path file, String... parameters)
      throws IOException, InterruptedException {
    Path audio = Files.write(folder.resolve("node.ulaw"), mulaw);
    List<String> arguments = new ArrayList<>(List.of(address(), audio.toString(), file.toString()));
    arguments.addAll(List.of(parameters));
    return NodeClients.run(
        folder, ProjectFiles.example("deepgram.cjs"), arguments.toArray(String[]::new));
  }

  private static List<JsonNode> messages(ProgramRun run) {
    return run.lines().stream()
        .filter(line -> line.startsWith("{"))
        .map(line -> json(line))
        .toList();
  }

  @Test
  void theNodeSdkStreamsBothChannelsAsLegsAndGoesOnAtTheNextNumber() throws Exception {
    Path file = HumanRecording.named(CALLER.name()).file();
    int before = 0;
    for (int attempt = 1; attempt <= 2; attempt++) {
      List<JsonNode> messages =
          messages(
              node(stereo(), file, "channels=2", "multichannel=true", "session_id=deepgram-node")
                  .succeeded());
      assertThat(CALLER.errors(transcript(finals(messages, 0)))).isLessThanOrEqualTo(1);
      assertThat(CALLEE.errors(transcript(finals(messages, 1)))).isLessThanOrEqualTo(1);
      assertThat(
              ofType(messages, "Results").stream()
                  .filter(message -> message.get("is_final").asBoolean())
                  .mapToInt(message -> message.get("seq").asInt()))
          .allMatch(seq -> seq > 0)
          .contains(before + 1);
      before = GATEWAY.gateway().segments("deepgram-node").size();
    }
    assertThat(GATEWAY.gateway().segments("deepgram-node").getLast().seq()).isEqualTo(before);
  }

  @Test
  void theNodeSdkIsToldWhatIsNotOffered() throws Exception {
    Path noAudio = Files.writeString(folder.resolve("no-audio.wav"), "no audio at all");
    ProgramRun run = node(CALLER.g711(G711Law.PCMU), noAudio, "diarize=true");
    JsonNode error = ofType(messages(run), "Error").getFirst();
    assertThat(error.get("description").asString()).contains("diarize");
    assertThat(run.status()).as("of the file").isNotZero();
    assertThat(run.output()).contains("BadRequestError");
  }

  @Test
  void theNodeSdkStreamsAndSendsAFile() throws Exception {
    List<JsonNode> messages =
        messages(
            node(CALLER.g711(G711Law.PCMU), HumanRecording.named(CALLER.name()).file())
                .succeeded());
    assertThat(CALLER.errors(transcript(finals(messages, 0)))).isLessThanOrEqualTo(1);
    assertThat(ofType(messages, "Metadata")).hasSize(1);
    String ofFile =
        messages.getLast().at("/results/channels/0/alternatives/0/transcript").asString();
    assertThat(CALLER.errors(ofFile)).isLessThanOrEqualTo(1);
  }

  @Test
  void aStreamThatBeginsAgainGoesOnAtTheNextNumber() throws Exception {
    int heard = 0;
    for (int attempt = 1; attempt <= 2; attempt++) {
      try (WebSocketClient client =
          WebSocketClient.connect(
              GATEWAY.ws("/v1/listen?encoding=mulaw&sample_rate=8000&session_id=deepgram-again"))) {
        client.send(CALLER.g711(G711Law.PCMU));
        client.send("{\"type\":\"KeepAlive\"}");
        client.send("no json");
        client.send("{\"type\":\"Configure\"}");
        client.send("{\"type\":\"Finalize\"}");
        JsonNode message = json(client.next());
        while (!message.path("from_finalize").asBoolean(false)) {
          message = json(client.next());
        }
        client.send("{\"type\":\"CloseStream\"}");
        assertThat(client.closed().code()).isEqualTo(1000);
        List<JsonNode> messages = client.received().stream().map(text -> json(text)).toList();
        assertThat(ofType(messages, "Error").getFirst().get("variant").asString())
            .isEqualTo("SchemaError");
        assertThat(ofType(messages, "ConfigureFailure")).hasSize(1);
        for (JsonNode result : finals(messages, 0)) {
          if (result.has("seq")) {
            assertThat(result.get("seq").asInt()).isEqualTo(++heard);
          }
        }
      }
    }
    assertThat(GATEWAY.gateway().segments("deepgram-again")).hasSize(heard);
  }
}
