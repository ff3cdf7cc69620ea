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
import org.linescribe.testsupport.WordDistance;

/** The example programs that stream, over a connection that breaks while somebody speaks. */
class StreamExamplesTest {
  private static final HumanCall CALL = HumanCall.named("pin-jackson-1.wav");

  private static final int SILENCE_MS = 2000;

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
    int frames = speech.length / FRAME_BYTES;
    double answersBefore = counted("answers");
    double bytesBefore = counted("audio.bytes");
    try (BreakingRelay relay =
        BreakingRelay.afterSending(
            GATEWAY.gateway().server().port(),
            frames / 2 * (FRAME_BYTES + HEADER_BYTES),
            frames / 4 * (FRAME_BYTES + HEADER_BYTES))) {
      ProgramRun run =
          program.run(
              "ws://127.0.0.1:" + relay.port() + "/ws/transcribe/" + sessionId, file.toString());

      run.succeeded();
      assertThat(relay.connections()).as(run.output()).isEqualTo(2);
      await().until(() -> GATEWAY.gateway().hasEnded(sessionId));
      assertThat(counted("audio.bytes") - bytesBefore)
          .as("bytes that the gateway has")
          .isEqualTo(audio.length);
      String heard = GATEWAY.gateway().text(sessionId);
      // The utterance in which it broke is two, and its word may be, too.
      String spoken = String.join(" ", CALL.words());
      assertThat(WordDistance.between(spoken + " " + spoken, heard))
          .as(heard)
          .isLessThanOrEqualTo(3);
      assertThat(run.output())
          .contains("partial")
          .contains(GATEWAY.gateway().segments(sessionId).getFirst().text());
      // A source that streams gets partials on change only: far fewer than its frames. Where this
      // machine held the client up it was one that waited, and had its answers.
      assertThat(run.lines().size() - (counted("answers") - answersBefore))
          .isLessThan(audio.length / FRAME_BYTES / 6.0);
    }
  }

  private static double counted(String meter) {
    return GATEWAY
        .gateway()
        .server()
        .bean(MeterRegistry.class)
        .get("linescribe.api.transcribe." + meter)
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
