package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavFormat;
import org.linescribe.media.wav.WavReader;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.Tool;

class RecordingsTest {
  @TempDir Path folder;

  @Test
  void theManifestNamesEveryRecordingAndWhatIsSaidInIt() throws IOException {
    List<RecordedCall> calls = RecordedCall.find(List.of(ProjectFiles.recorded(".")), null);

    assertThat(calls).hasSizeGreaterThanOrEqualTo(10);
    assertThat(calls)
        .allSatisfy(
            call ->
                assertThat(call.words())
                    .matches("((ZERO|ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE)( |$))+"));
    assertThat(names(ProjectFiles.recorded("."), ".*\\.(wav|ulaw|alaw)"))
        .containsExactlyInAnyOrderElementsOf(calls.stream().map(RecordedCall::name).toList());
  }

  @Test
  void theyAreSmallAndInEveryFormThatTheToolReads() throws IOException {
    long bytes = 0;
    List<WavFormat.Encoding> encodings = new ArrayList<>();
    for (RecordedCall call : RecordedCall.find(List.of(ProjectFiles.recorded(".")), null)) {
      bytes += Files.size(call.file());
      assertThat(CallAudio.read(call.file(), G711Law.PCMU).speech()).as(call.name()).isNotEmpty();
      if (call.name().endsWith(".wav")) {
        try (WavReader reader = WavReader.open(call.file())) {
          assertThat(reader.format().sampleRateHz()).isEqualTo(8000);
          encodings.add(reader.format().encoding());
        }
      }
    }

    assertThat(bytes).isLessThan(2_000_000);
    assertThat(encodings)
        .contains(WavFormat.Encoding.PCM16, WavFormat.Encoding.ALAW, WavFormat.Encoding.MULAW);
  }

  @NeedsTool({Tool.PYTHON, Tool.FLITE, Tool.ESPEAK, Tool.SOX})
  @Test
  void theScriptMakesTheSameBytesEachTimeAndTheCommittedOnesWithTheSameTools() throws Exception {
    Path one = make("one");
    Path two = make("two");

    assertThat(names(one, ".*")).isEqualTo(names(two, ".*")).hasSizeGreaterThan(10);
    boolean sameTools =
        Files.mismatch(one.resolve("made-with.txt"), ProjectFiles.recorded("made-with.txt")) < 0;
    for (String name : names(one, ".*")) {
      assertThat(one.resolve(name)).hasSameBinaryContentAs(two.resolve(name));
      if (sameTools) {
        assertThat(one.resolve(name)).hasSameBinaryContentAs(ProjectFiles.recorded(name));
      }
    }
  }

  private Path make(String name) throws IOException, InterruptedException {
    Path target = folder.resolve(name);
    Process script =
        new ProcessBuilder(
                "python3",
                ProjectFiles.root().resolve("test-calls/make-recordings.py").toString(),
                target.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start();
    assertThat(script.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(script.exitValue()).as(Files.readString(folder.resolve(name + ".log"))).isZero();
    return target;
  }

  private static List<String> names(Path folder, String pattern) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> Objects.requireNonNull(file.getFileName()).toString())
          .filter(name -> name.matches(pattern))
          .sorted()
          .toList();
    }
  }
}
