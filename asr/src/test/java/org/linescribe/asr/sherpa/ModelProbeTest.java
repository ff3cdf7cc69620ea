package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.worker.ChildJvm;

class ModelProbeTest {
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
