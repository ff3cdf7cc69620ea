package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedCallTest {
  @TempDir Path folder;
  private Path one;
  private Path two;

  @BeforeEach
  void twoRecordings() throws IOException {
    one = Files.writeString(folder.resolve("one.ulaw"), "x");
    two = Files.writeString(folder.resolve("two.ulaw"), "x");
  }

  @Test
  void findsTheWordsInTheManifestBesideTheRecording() throws IOException {
    manifest("[{\"file\": \"one.ulaw\", \"words\": \"ONE\", \"speaker\": \"x\"}]");

    assertThat(RecordedCall.find(List.of(one, two), null))
        .containsExactly(new RecordedCall(one, "ONE"), new RecordedCall(two, null));
  }

  @Test
  void aFolderStandsForAllThatItsManifestNames() throws IOException {
    manifest(
        "[{\"file\": \"two.ulaw\", \"words\": \"TWO\"}, {\"file\": \"one.ulaw\", \"words\":"
            + " \"ONE\"}]");

    assertThat(RecordedCall.find(List.of(folder), null))
        .extracting(RecordedCall::words)
        .containsExactly("TWO", "ONE");
  }

  @Test
  void aTextBelongsToTheOnlyRecording() throws IOException {
    Path text = Files.writeString(folder.resolve("said.txt"), "ONE TWO\n");

    assertThat(RecordedCall.find(List.of(one), text).getFirst().words()).isEqualTo("ONE TWO\n");
    assertThatThrownBy(() -> RecordedCall.find(List.of(one, two), text))
        .hasMessageContaining("said.txt")
        .hasMessageContaining("one recording");
  }

  @Test
  void saysWhatIsMissingOrWrong() throws IOException {
    assertThatThrownBy(() -> RecordedCall.find(List.of(folder.resolve("none.wav")), null))
        .hasMessageContaining("none.wav: no such file");
    assertThatThrownBy(() -> RecordedCall.find(List.of(folder), null))
        .hasMessageContaining("manifest.json")
        .hasMessageContaining("no such file");
    manifest("[{\"file\": \"../one.ulaw\", \"words\": \"ONE\"}]");
    assertThatThrownBy(() -> RecordedCall.find(List.of(folder), null))
        .hasMessageContaining("entry 1");
    manifest("[{");
    assertThatThrownBy(() -> RecordedCall.find(List.of(folder), null))
        .hasMessageContaining("no JSON");
  }

  private void manifest(String json) throws IOException {
    Files.writeString(folder.resolve("manifest.json"), json);
  }
}
