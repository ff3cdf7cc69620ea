package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.SpokenLanguages;
import org.linescribe.asr.worker.ChildJvm;

class ModelProbeTest {
  private static final Duration WAIT = Duration.ofMinutes(2);

  /** A model that loads for ever: one of its files is a pipe that nobody writes to. */
  @Test
  void theTrialProcessEndsWithItsParentWhateverItDoes(@TempDir Path folder) throws Exception {
    Path pipe = folder.resolve("encoder.onnx");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path out = folder.resolve("out");
    ModelFiles sound = bundled();
    Map<String, Path> files = new HashMap<>(sound.files());
    files.put("encoder", pipe);
    ModelFiles endless =
        new ModelFiles(
            sound.type(),
            files,
            sound.tokens(),
            sound.sampleRateHz(),
            sound.decodingMethod(),
            sound.language(),
            sound.tellable(),
            sound.attends());
    Process trial =
        ChildJvm.of(ProbeMain.class, folder, List.of(), endless.arguments())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      await().atMost(WAIT).until(() -> Files.readString(out).contains(ProbeMain.LOADING));
      assertThat(trial.isAlive()).isTrue();

      // As the system does when the process at its other end dies.
      trial.getOutputStream().close();

      assertThat(trial.onExit().get(WAIT.toSeconds(), TimeUnit.SECONDS).exitValue())
          .isEqualTo(ProbeMain.ORPHANED);
    } finally {
      trial.destroyForcibly();
    }
  }

  /** Else it would end of itself while the model loads. */
  @Test
  void theTrialProcessHasAParentWhileItIsWaitedFor(@TempDir Path folder) {
    assertThatThrownBy(
            () ->
                ModelProbe.tryIn(
                    folder,
                    scratch -> ChildJvm.bare(List.of("/bin/sh", "-c", "read line"), scratch),
                    Duration.ofSeconds(1)))
        .hasMessageContaining("did not end within 1 s");
  }

  private static ModelFiles bundled() throws IOException {
    ModelDescription model = ModelCatalogue.bundled().require(BundledModel.NAME);
    return ModelFiles.of(
        model, BundledModel.directory(), "", SpokenLanguages.of(model, BundledModel.directory()));
  }

  @Test
  void theTrialProcessInheritsNoSecretsOfOurEnvironment(@TempDir Path folder) throws IOException {
    Path seen = folder.resolve("environment");
    assertThat(System.getenv()).containsKey("PATH");

    assertThatThrownBy(
            () ->
                ModelProbe.tryIn(
                    folder,
                    scratch ->
                        ChildJvm.bare(
                            List.of("/bin/sh", "-c", "/usr/bin/env > \"$0\"", seen.toString()),
                            scratch),
                    Duration.ofMinutes(2)))
        .isInstanceOf(RecogniserException.class);

    // The shell's own, and what tells where libraries and the cache are.
    assertThat(Files.readAllLines(seen).stream().map(line -> line.split("=", 2)[0]))
        .isSubsetOf("PWD", "_", "SHLVL", "OLDPWD", "LD_LIBRARY_PATH", "XDG_CACHE_HOME");
  }
}
