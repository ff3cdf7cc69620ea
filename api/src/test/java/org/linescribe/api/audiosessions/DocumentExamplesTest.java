package org.linescribe.api.audiosessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.audiosessions.AudioSessionsServer.stream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.format.Ffmpeg;
import tools.jackson.databind.JsonNode;

/**
 * The client examples of the document, taken out of it as they stand; only the host, the port and
 * the names of files and sessions are put in.
 */
class DocumentExamplesTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("linescribe.root"))
          .resolveSibling("shared")
          .resolve("seed-apis/audio-streaming-sessions.md");
  private static final String PYTHON = "/usr/bin/python3";

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

  private record Ran(int status, String output) {}

  /** The code block of a language that follows a heading. */
  private String example(String heading, String language) throws IOException {
    String text = Files.readString(DOCUMENT, StandardCharsets.UTF_8);
    int at = text.indexOf(heading);
    assertThat(at).as(heading).isNotNegative();
    int begin = text.indexOf("```" + language + "\n", at) + language.length() + 4;
    String code = text.substring(begin, text.indexOf("```", begin));
    return code.replace("localhost:8000", "127.0.0.1:" + gateway.server().port());
  }

  private Ran run(String code, String suffix, String... command) throws Exception {
    Path script = Files.writeString(directory.resolve("example" + suffix), code);
    Path output = directory.resolve("output.txt");
    String[] words = Arrays.copyOf(command, command.length + 1);
    words[command.length] = script.toString();
    Process process =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).as("the example ends").isTrue();
      return new Ran(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }

  private static void needs(String probe, String... command) throws Exception {
    boolean there;
    try {
      there = new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException notInstalled) {
      there = false;
    }
    if ("true".equals(System.getenv("CI"))) {
      assertThat(there).as(probe).isTrue();
    }
    assumeTrue(there, probe);
  }

  private static void needsPython() throws Exception {
    needs("python3-websockets and python3-requests", PYTHON, "-c", "import websockets, requests");
  }

  private Path recording(String name) throws IOException {
    return Files.copy(Sound.RECORDING, directory.resolve(name));
  }

  private String onlySession() throws Exception {
    JsonNode all = json(gateway.get("/api/audio/sessions?status=all"));
    assertThat(all.get("count").asInt()).isEqualTo(1);
    return all.get("sessions").get(0).get("session_id").asString();
  }

  @Test
  void theBasicPythonExampleRunsInStepToItsEnd() throws Exception {
    needsPython();
    greetLate();
    long chunks = (Files.size(recording("audio_file.wav")) + 4095) / 4096;

    Ran ran = run(example("#### Basic Example", "python"), ".py", PYTHON);

    assertThat(ran.status()).as(ran.output()).isZero();
    for (long chunk = 1; chunk <= chunks; chunk++) {
      assertThat(ran.output())
          .contains("Chunk %d: Chunk processed successfully (Total: %d)\n".formatted(chunk, chunk));
    }
    String id = onlySession();
    assertThat(ran.output())
        .contains("Session ID: " + id)
        .containsPattern("Session closed: .*'status': 'completed'")
        .doesNotContain("Timeout", "Error");
    assertThat(gateway.info(id).get("duration_seconds").asDouble()).isBetween(8.0, 8.3);
  }

  @Test
  void theBasicPythonExampleStreamsToAnExistingSession() throws Exception {
    needsPython();
    recording("audio_file.wav");
    try (WebSocketClient first = gateway.create("?sample_rate=8000")) {
      String id = json(first.next()).get("session_id").asString();
      String code =
          example("#### Basic Example", "python")
              .replace(
                  "stream_audio_file(\"audio_file.wav\")",
                  "stream_audio_file(\"audio_file.wav\", \"" + id + "\")");
      Ran ran = run(code, ".py", PYTHON);
      assertThat(ran.status()).as(ran.output()).isZero();
      assertThat(ran.output())
          .contains("Chunk 1: Chunk processed successfully (Total: 1)\n")
          .containsPattern("Session closed: .*'status': 'completed'");
      assertThat(Sound.pcm(gateway.file(id))).isEqualTo(Sound.recording());
    }
  }

  @Test
  void theAdvancedPythonExampleRunsToItsEnd() throws Exception {
    needsPython();
    recording("example.wav");

    Ran ran = run(example("#### Advanced Example", "python"), ".py", PYTHON);

    String id = onlySession();
    assertThat(ran.status()).as(ran.output()).isZero();
    assertThat(ran.output())
        .contains("Session created: " + id)
        .contains("Processed 10 chunks")
        .containsPattern("Session closed: .*'status': 'completed'")
        .doesNotContain("ERROR");
    JsonNode info = gateway.info(id);
    assertThat(info.get("user_id").asString()).isEqualTo("user123");
    assertThat(info.get("sample_rate").asInt()).isEqualTo(48_000);
    assertThat(info.get("channels").asInt()).isEqualTo(2);
    assertThat(info.get("duration_seconds").asDouble()).isBetween(8.0, 8.3);
  }

  @Test
  void theHttpExamplesShowAndCloseASession() throws Exception {
    needsPython();
    try (WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(new byte[16_000])).get("session_id").asString();
      String show = example("#### Get Session Information\n```python", "python");
      Ran shown = run(show.replace("your-session-uuid-here", id), ".py", PYTHON);
      assertThat(shown.output())
          .contains("Session Status: active", "Total Chunks: 1", "Duration: 1.0 seconds")
          .contains("File Path: " + gateway.file(id));
      Ran unknown = run(show, ".py", PYTHON);
      assertThat(unknown.output()).contains("Session your-session-uuid-here not found");

      String close = example("#### Close Session via HTTP", "python");
      Ran closed = run(close.replace("your-session-uuid-here", id), ".py", PYTHON);
      assertThat(closed.output()).contains("Session closed successfully: True");
      assertThat(run(close, ".py", PYTHON).output())
          .contains("Session your-session-uuid-here not found");
    }
  }

  @Test
  void theJavaScriptExampleStreamsAndCloses() throws Exception {
    needs(
        "node",
        "node",
        "--experimental-websocket",
        "-e",
        "if (typeof WebSocket != 'function') process.exit(1)");
    recording("audio.wav");
    greetLate();
    String driver =
        """

        const audio = require('fs').readFileSync('audio.wav');
        let sent = 0;
        ws.addEventListener('open', () => sendAudioChunk(audio.subarray(0, 8192)));
        ws.addEventListener('message', () => {
            sent += 8192;
            if (sent < audio.length) {
                const part = audio.subarray(sent, sent + 8192);
                sendAudioChunk(part.buffer.slice(part.byteOffset, part.byteOffset + part.length));
            } else if (sent - audio.length < 8192) {
                closeSession();
            }
        });
        """;
    Ran ran =
        run(
            example("#### Creating a New Session", "javascript") + driver,
            ".js",
            "node",
            "--experimental-websocket");
    String id = onlySession();
    assertThat(ran.output())
        .contains("Connected to audio streaming service")
        .contains("New session created: " + id)
        .contains("Status: active, Chunks: 1\n")
        .containsPattern("Status: completed, Chunks: 16")
        .contains("Connection closed: 1000");
    assertThat(gateway.info(id).get("duration_seconds").asDouble()).isBetween(8.0, 8.3);
  }
}
