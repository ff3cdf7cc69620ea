package org.linescribe.api.audiosessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.audiosessions.AudioSessionsServer.stream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

/** The example clients of the audio sessions, in Python and JavaScript. */
class AudioSessionClientsTest {
  @TempDir Path directory;
  private AudioSessionsServer gateway;

  @BeforeEach
  void start() throws IOException {
    begin(Map.of());
  }

  private void begin(Map<String, Object> settings) throws IOException {
    gateway = new AudioSessionsServer(directory.resolve("storage"), settings);
    // Found and unpacked when it is first needed, which the examples' own time-outs may not bear.
    gateway.server().bean(Ffmpeg.class).program();
  }

  /** For an example that takes the first message for the answer to its first chunk. */
  private void greetLate() throws IOException {
    gateway.close();
    begin(Map.of("linescribe.audio-sessions.greeting-delay", "10s"));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private String socket() {
    return gateway.server().ws("/api/ws/audio");
  }

  private ProgramRun python(String example, Object... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(PythonClients.python(), ProjectFiles.example(example).toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return ProgramRun.of(directory, command);
  }

  private Path recording(String name) throws IOException {
    return Files.copy(Sound.RECORDING, directory.resolve(name));
  }

  private String onlySession() throws Exception {
    JsonNode all = json(gateway.get("/api/audio/sessions?status=all"));
    assertThat(all.get("count").asInt()).isEqualTo(1);
    return all.get("sessions").get(0).get("session_id").asString();
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void theBasicPythonExampleRunsInStepToItsEnd() throws Exception {
    greetLate();
    Path file = recording("audio_file.wav");
    long chunks = (Files.size(file) + 4095) / 4096;

    ProgramRun ran = python("audio-session.py", socket(), file).succeeded();

    String id = onlySession();
    List<String> expected = new ArrayList<>();
    for (long chunk = 1; chunk <= chunks; chunk++) {
      expected.add("chunk %d of %d Chunk processed successfully".formatted(chunk, chunk));
    }
    expected.add("session " + id + " completed");
    assertThat(ran.lines()).isEqualTo(expected);
    assertThat(gateway.info(id).get("duration_seconds").asDouble()).isBetween(8.0, 8.3);
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void theBasicPythonExampleStreamsToAnExistingSession() throws Exception {
    Path file = recording("audio_file.wav");
    try (WebSocketClient first = gateway.create("?sample_rate=8000")) {
      String id = json(first.next()).get("session_id").asString();

      ProgramRun ran = python("audio-session.py", socket(), file, id).succeeded();

      assertThat(ran.lines())
          .startsWith("chunk 1 of 1 Chunk processed successfully")
          .endsWith("session " + id + " completed");
      assertThat(Sound.pcm(gateway.file(id))).isEqualTo(Sound.recording());
    }
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void theAdvancedPythonExampleRunsToItsEnd() throws Exception {
    Path file = recording("example.wav");

    ProgramRun ran =
        python("audio-session-first-message.py", socket(), file, "user123").succeeded();

    String id = onlySession();
    assertThat(ran.lines()).containsExactly("session " + id, "chunks 10", "status completed");
    JsonNode info = gateway.info(id);
    assertThat(info.get("user_id").asString()).isEqualTo("user123");
    assertThat(info.get("sample_rate").asInt()).isEqualTo(48_000);
    assertThat(info.get("channels").asInt()).isEqualTo(2);
    assertThat(info.get("duration_seconds").asDouble()).isBetween(8.0, 8.3);
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void theHttpExamplesShowAndCloseASession() throws Exception {
    String base = gateway.server().http("");
    try (WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(new byte[16_000])).get("session_id").asString();

      assertThat(python("audio-session-http.py", base, "show", id).lines())
          .containsExactly(
              "status active",
              "total_chunks 1",
              "duration_seconds 1.0",
              "file_path " + gateway.file(id));
      assertThat(python("audio-session-http.py", base, "close", id).lines())
          .containsExactly("closed True");
      for (String action : List.of("show", "close")) {
        assertThat(python("audio-session-http.py", base, action, "unknown").lines())
            .containsExactly("not found unknown");
      }
    }
  }

  @Test
  void theJavaScriptExampleStreamsAndCloses() throws Exception {
    Path file = recording("audio.wav");
    greetLate();

    ProgramRun ran =
        NodeClients.run(
                directory,
                ProjectFiles.example("audio-session.cjs"),
                socket() + "?sample_rate=48000&channels=2&user_id=user123",
                file.toString())
            .succeeded();

    String id = onlySession();
    assertThat(ran.lines())
        .startsWith("session " + id, "active 1")
        .contains("completed 16")
        .endsWith("closed 1000");
    assertThat(gateway.info(id).get("duration_seconds").asDouble()).isBetween(8.0, 8.3);
  }
}
