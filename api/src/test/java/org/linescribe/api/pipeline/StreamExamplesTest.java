package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.BreakingRelay;
import org.linescribe.api.JavaProgram;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;

/** The example programs that stream, over a connection that breaks in the silence of a call. */
class StreamExamplesTest {
  private static final HumanCall CALL = HumanCall.named("pin-jackson-1.wav");

  /** In which the connection breaks: what was on its way then is silence. */
  private static final int SILENCE_MS = 10_000;

  private static final int FRAME_BYTES = 160;

  /** Of a client's WebSocket frame of more than 125 bytes (RFC 6455, 5.2). */
  private static final int HEADER_BYTES = 8;

  @TempDir private static Path data;
  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();

  private interface Program {
    ProgramRun run(String uri, String file) throws Exception;
  }

  private static void streams(String sessionId, Program program) throws Exception {
    byte[] speech = CALL.g711(G711Law.PCMU);
    byte[] first = CALL.g711WithSilence(G711Law.PCMU, SILENCE_MS);
    byte[] audio = Arrays.copyOf(first, first.length + speech.length);
    System.arraycopy(speech, 0, audio, first.length, speech.length);
    Path file = Files.write(data.resolve(sessionId), audio);
    int unbroken = speech.length / FRAME_BYTES + 25;
    double answersBefore = answers();
    try (BreakingRelay relay =
        BreakingRelay.afterSending(
            GATEWAY.gateway().server().port(), unbroken * (FRAME_BYTES + HEADER_BYTES))) {
      ProgramRun run =
          program.run(
              "ws://127.0.0.1:" + relay.port() + "/ws/transcribe/" + sessionId, file.toString());

      run.succeeded();
      assertThat(relay.connections()).as(run.output()).isEqualTo(2);
      await().until(() -> GATEWAY.gateway().hasEnded(sessionId));
      String heard = GATEWAY.gateway().text(sessionId);
      List<String> words = List.of(heard.split(" "));
      int half = Math.min(CALL.words().size(), words.size());
      assertThat(CALL.errors(String.join(" ", words.subList(0, half)))).isLessThanOrEqualTo(1);
      assertThat(CALL.errors(String.join(" ", words.subList(half, words.size()))))
          .isLessThanOrEqualTo(1);
      assertThat(run.output())
          .contains("partial")
          .contains(GATEWAY.gateway().segments(sessionId).getFirst().text());
      // A source that streams gets partials on change only: far fewer than its frames. Where this
      // machine held the client up it was one that waited, and had its answers.
      assertThat(run.lines().size() - (answers() - answersBefore))
          .isLessThan(audio.length / FRAME_BYTES / 6.0);
    }
  }

  private static double answers() {
    return GATEWAY
        .gateway()
        .server()
        .bean(MeterRegistry.class)
        .get("linescribe.api.transcribe.answers")
        .counter()
        .count();
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void inPython() throws Exception {
    streams(
        "python",
        (uri, file) ->
            ProgramRun.of(
                data,
                List.of(
                    PythonClients.python(),
                    ProjectFiles.example("stream.py").toString(),
                    uri,
                    file)));
  }

  @Test
  void inJavaScript() throws Exception {
    streams(
        "node",
        (uri, file) -> NodeClients.run(data, ProjectFiles.example("stream.cjs"), uri, file));
  }

  @Test
  void inJava() throws Exception {
    streams(
        "java",
        (uri, file) -> JavaProgram.run(data, ProjectFiles.example("StreamAudio.java"), uri, file));
  }
}
