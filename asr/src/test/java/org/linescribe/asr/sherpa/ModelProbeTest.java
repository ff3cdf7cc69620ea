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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.asr.RecogniserException;

class ModelProbeTest {
  @Test
  void theTrialProcessInheritsNoSecretsOfOurEnvironment(@TempDir Path folder) throws IOException {
    Path seen = folder.resolve("environment");
    assertThat(System.getenv()).containsKey("PATH");

    assertThatThrownBy(
            () ->
                ModelProbe.tryIn(
                    folder,
                    scratch -> List.of("/bin/sh", "-c", "/usr/bin/env > \"$0\"", seen.toString()),
                    Duration.ofMinutes(2)))
        .isInstanceOf(RecogniserException.class);

    // The shell's own, and what tells where libraries and the cache are.
    assertThat(Files.readAllLines(seen).stream().map(line -> line.split("=", 2)[0]))
        .isSubsetOf("PWD", "_", "SHLVL", "OLDPWD", "LD_LIBRARY_PATH", "XDG_CACHE_HOME");
  }

  /** The forms that Spring Boot's loader, a plain jar and a folder of classes give. */
  @ParameterizedTest
  @CsvSource({
    "jar:nested:/opt/linescribe.jar/!BOOT-INF/lib/linescribe-asr.jar!/org/linescribe/X.class, true",
    "jar:file:/opt/linescribe.jar!/BOOT-INF/lib/linescribe-asr.jar!/org/linescribe/X.class, true",
    "jar:file:/opt/lib/linescribe-asr.jar!/org/linescribe/X.class, false",
    "file:/src/asr/target/classes/org/linescribe/X.class, false"
  })
  void knowsAProgramThatIsPackedIntoOneJar(String url, boolean packed) {
    assertThat(ModelProbe.isPacked(url)).isEqualTo(packed);
  }
}
