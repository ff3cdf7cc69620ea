package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.RecogniserException;
import org.linescribe.media.resample.Resampler;
import org.linescribe.media.wav.WavReader;
import org.linescribe.testsupport.ProjectFiles;

/** The model of turns gets what it was trained on, and tells the ends of sentences. */
class SmartTurnTest {
  private static final int RATE = 16_000;

  private static float[] chirp() {
    float[] pcm = new float[RATE * 5 / 2];
    for (int i = 0; i < pcm.length; i++) {
      double t = i / (double) RATE;
      double low = 0.3 * Math.sin(2 * Math.PI * (200 + 300 * t) * t);
      double high = t > 1 ? 0.05 * Math.sin(2 * Math.PI * 3000 * t) : 0;
      pcm[i] = Math.round((low + high) * 32767) / 32768f;
    }
    return pcm;
  }

  @Test
  void makesTheFeaturesThatPythonMakes() throws Exception {
    float[] pcm = chirp();
    float[] padded = new float[8 * RATE];
    System.arraycopy(pcm, 0, padded, padded.length - pcm.length, pcm.length);

    float[] features = WhisperFeatures.of(padded);

    List<String> lines;
    try (InputStream in =
        Objects.requireNonNull(
            SmartTurnTest.class.getResourceAsStream("/whisper-features/chirp.csv"))) {
      lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
    assertThat(lines).hasSize(10);
    for (int line = 0; line < lines.size(); line++) {
      double[] expected =
          Arrays.stream(lines.get(line).split(",")).mapToDouble(Double::parseDouble).toArray();
      for (int band = 0; band < WhisperFeatures.BANDS; band++) {
        assertThat((double) features[band * 800 + 39 + 80 * line])
            .as("frame %d, band %d", 39 + 80 * line, band)
            .isCloseTo(expected[band], within(2e-3));
      }
    }
  }

  /**
   * The model's 8-bit sums saturate on processors without VNNI and not on others: the limits are
   * those that matter, not what one of them says.
   */
  @Test
  void tellsAFinishedSentenceFromOneThatGoesOn() throws Exception {
    Path wav = ProjectFiles.root().resolve("test-calls/speech/two_cities.wav");
    float[] pcm;
    try (WavReader reader = WavReader.open(wav)) {
      short[] narrow = reader.readAll(60 * 8000);
      pcm = new float[2 * narrow.length];
      Resampler.telephony(8000, RATE).process(narrow, 0, narrow.length, pcm, 0);
    }
    try (SmartTurn turns = new SmartTurn()) {
      // "… of comparison only.", and "It was the best of times, it was"
      double whole = turns.finished(pcm);
      double begun = turns.finished(Arrays.copyOf(pcm, 2920 * RATE / 1000));
      assertThat(whole).isGreaterThan(0.9);
      assertThat(begun).isLessThan(0.5);
    }
  }

  @Test
  void refusesAFileThatIsNoModel(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("model.onnx");
    Files.writeString(file, "no model");
    assertThatThrownBy(() -> new OnnxSession(file, "a", "b").close())
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("ONNX Runtime: ");
  }
}
