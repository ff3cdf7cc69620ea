package org.linescribe.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HumanRecordingTest {
  @Test
  void everyFileOfTheFolderIsInTheManifestWithItsWords() throws Exception {
    List<HumanRecording> all = HumanRecording.all();

    assertThat(all).hasSize(12);
    assertThat(all).allSatisfy(r -> assertThat(r.pcm().length).isGreaterThan(5 * 8000));
    assertThat(all.stream().mapToInt(r -> WordDistance.words(r.words()).size()).sum())
        .isEqualTo(132);
    try (Stream<Path> files = Files.list(HumanRecording.folder())) {
      assertThat(files.filter(f -> f.toString().endsWith(".wav")))
          .containsExactlyInAnyOrderElementsOf(all.stream().map(HumanRecording::file).toList());
    }
  }

  @Test
  void countsEachWrongMissingAndAddedWordOnce() {
    assertThat(WordDistance.between("ONE TWO THREE", "one two three")).isZero();
    assertThat(WordDistance.between("ONE TWO THREE", "ONE FOUR")).isEqualTo(2);
    assertThat(WordDistance.between("ONE", "ZERO ONE TWO")).isEqualTo(2);
    assertThat(WordDistance.between("ONE TWO", "")).isEqualTo(2);
  }
}
