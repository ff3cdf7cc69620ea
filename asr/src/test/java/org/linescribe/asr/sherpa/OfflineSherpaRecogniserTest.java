package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.Token;
import org.linescribe.media.g711.G711Law;

class OfflineSherpaRecogniserTest {
  @Test
  void recognisesWholeRecordings() {
    int errors = 0;
    int words = 0;
    try (OfflineSherpaRecogniser recogniser = new OfflineSherpaRecogniser(model(), "", 1)) {
      for (HumanCalls.Call call : HumanCalls.all()) {
        Hypothesis heard = recogniser.decode(call.throughPhone(G711Law.PCMU, 500), 1000);
        errors += WordErrors.count(call.words(), heard.text());
        words += WordErrors.words(call.words()).size();
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
    try (OfflineSherpaRecogniser recogniser = new OfflineSherpaRecogniser(model(), "", 1)) {
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
    OfflineSherpaRecogniser recogniser = new OfflineSherpaRecogniser(model(), "", 1);
    recogniser.close();
    recogniser.close();

    assertThatThrownBy(() -> recogniser.decode(new float[16_000], 0))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void refusesAFileThatIsNoModel(@TempDir Path folder) throws IOException {
    OfflineModel sound = model();
    Path garbage = Files.writeString(folder.resolve("joiner.onnx"), "garbage");
    OfflineModel broken =
        new OfflineModel(
            sound.name(),
            sound.kind(),
            sound.encoder(),
            sound.decoder(),
            Optional.of(garbage),
            sound.tokens(),
            sound.sampleRateHz());

    assertThatThrownBy(() -> new OfflineSherpaRecogniser(broken, "", 1))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("joiner.onnx: ");
  }

  static OfflineModel model() {
    URI tokens =
        URI.create(
            Objects.requireNonNull(
                    OfflineSherpaRecogniserTest.class.getResource(
                        "/models/telephony-digits-en-offline/tokens.txt"))
                .toString());
    return OfflineModel.in(Objects.requireNonNull(Path.of(tokens).getParent()));
  }
}
