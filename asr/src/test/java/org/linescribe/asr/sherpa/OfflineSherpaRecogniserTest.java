package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.Token;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.catalogue.ModelStore;
import org.linescribe.asr.catalogue.SpokenLanguages;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.WordDistance;

class OfflineSherpaRecogniserTest {
  @Test
  void recognisesWholeRecordings() {
    int errors = 0;
    int words = 0;
    try (OfflineSherpaRecogniser recogniser = new OfflineSherpaRecogniser(model())) {
      for (HumanCalls.Call call : HumanCalls.all()) {
        Hypothesis heard = recogniser.decode(call.throughPhone(G711Law.PCMU, 500), 1000);
        errors += WordDistance.between(call.words(), heard.text());
        words += WordDistance.words(call.words()).size();
        assertThat(heard.tokens()).extracting(Token::startMs).isSorted();
        assertThat(heard.startMs()).isGreaterThanOrEqualTo(1000);
      }
    }
    System.out.printf("offline: %d errors in %d words%n", errors, words);
    assertThat(words).isEqualTo(132);
    assertThat(errors).isLessThanOrEqualTo(8);
  }

  @Test
  void survivesAudioThatIsNone() {
    try (OfflineSherpaRecogniser recogniser = new OfflineSherpaRecogniser(model())) {
      assertThat(recogniser.decode(new float[0], 7)).isEqualTo(Hypothesis.empty(7));
      assertThat(recogniser.decode(new float[1], 0).text()).isEmpty();
      assertThat(recogniser.decode(new float[16_000], 0).text()).isEmpty();
      float[] broken = new float[16_000];
      Arrays.fill(broken, Float.NaN);
      assertThat(recogniser.decode(broken, 0).text()).isEmpty();
    }
  }

  @Test
  void refusesToDecodeOnceClosed() {
    OfflineSherpaRecogniser recogniser = new OfflineSherpaRecogniser(model());
    recogniser.close();
    recogniser.close();

    assertThatThrownBy(() -> recogniser.decode(new float[16_000], 0))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("closed");
  }

  static ModelFiles model() {
    Path folder = ProjectFiles.offlineModel();
    try {
      ModelStore.Resolved resolved =
          ModelStore.resolve(new ModelSource.Directory(folder, folder), ModelCatalogue.bundled());
      return ModelFiles.of(
          resolved.model(),
          resolved.directory(),
          "",
          SpokenLanguages.of(resolved.model(), resolved.directory()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
