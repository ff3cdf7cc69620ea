package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;

/** The example client that waits for an answer to each frame, against the real pipeline. */
class TranscribeExampleTest {
  private static final String SESSION = "user-123-session-456";
  private static final int FRAME_BYTES = 320;

  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();

  private static String uri() {
    return GATEWAY.gateway().server().ws("/ws/transcribe/" + SESSION);
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @ParameterizedTest
  @EnumSource(G711Law.class)
  void runsThePythonExampleToTheEndOfItsFile(G711Law law, @TempDir Path folder)
      throws IOException, InterruptedException {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    byte[] audio = call.g711(law);
    Path file = Files.write(folder.resolve("audio.g711"), audio);
    int before = GATEWAY.gateway().segments(SESSION).size();

    ProgramRun ended =
        ProgramRun.of(
            folder,
            List.of(
                PythonClients.python(),
                ProjectFiles.example("transcribe.py").toString(),
                uri(),
                file.toString()));

    assertThat(ended.status()).as(ended.output()).isZero();
    int frames = (audio.length + FRAME_BYTES - 1) / FRAME_BYTES;
    assertThat(ended.lines())
        .hasSize(frames)
        .allSatisfy(
            line -> {
              assertThat(json(line).get("type").asString()).isIn("partial", "final");
              assertThat(json(line).get("text").isString()).isTrue();
              assertThat(json(line).get("seq").asLong()).isGreaterThan(before);
            });
    await()
        .until(
            () ->
                GATEWAY.gateway().hasEnded(SESSION)
                    && GATEWAY.gateway().segments(SESSION).size() > before);
    String heard =
        String.join(
            " ",
            GATEWAY.gateway().segments(SESSION).stream()
                .skip(before)
                .map(segment -> segment.text())
                .toList());
    assertThat(call.errors(heard)).isLessThanOrEqualTo(1);
  }
}
