package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;

/**
 * A folder with files in ONNX Runtime's own format is found out, checked and tried as any other.
 */
class MoonshineModelTest {
  private static final List<String> FILES =
      List.of("encoder_model.ort", "decoder_model_merged.ort", "tokens.txt");

  @TempDir private Path temp;
  private Path model;

  @BeforeEach
  void copyTheModel() throws IOException {
    model = Files.createDirectory(temp.resolve("model"));
    for (String file : FILES) {
      Files.copy(BundledModel.directory(BundledModel.SPEECH).resolve(file), model.resolve(file));
    }
  }

  @Test
  void opensTheFolderAndTellsItsLanguageWhereOneIsSet() {
    try (Recogniser recogniser = open("en-US")) {
      assertThat(recogniser.info().model()).isEqualTo("model");
      assertThat(recogniser.info().language()).isEqualTo("en-US");
    }
  }

  @Test
  void namesAFileThatIsMissing() throws IOException {
    Files.delete(model.resolve("decoder_model_merged.ort"));
    assertRefused("no decoder");
  }

  @Test
  void namesAFileOfAnotherFormat() throws IOException {
    Path encoder = model.resolve("encoder_model.ort");
    byte[] whole = Files.readAllBytes(encoder);
    System.arraycopy("ABCD".getBytes(StandardCharsets.US_ASCII), 0, whole, 4, 4);
    Files.write(encoder, whole);
    assertRefused("encoder_model.ort: no ORT model");
  }

  @Test
  void namesAFileThatIsCutOffInItsTables() throws IOException {
    cut("encoder_model.ort", 16);
    assertRefused("encoder_model.ort: cut off");
  }

  @Test
  void namesAFileThatIsCutOffInItsWeights() throws IOException {
    cut("decoder_model_merged.ort", 20_000_000);
    assertRefused("decoder_model_merged.ort: cut off");
  }

  @Test
  void namesTheFilesOfAFolderThatMixesModels() throws IOException {
    for (String file : List.of("encoder.int8.onnx", "decoder.onnx", "joiner.int8.onnx")) {
      Files.copy(BundledModel.directory().resolve(file), model.resolve(file));
    }
    assertRefused("mixes models: decoder.onnx and decoder_model_merged.ort");
  }

  private void cut(String name, int length) throws IOException {
    Path file = model.resolve(name);
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), length));
  }

  private Recogniser open(String language) {
    return SherpaRecognisers.open(
        new ModelSource.Directory(model, temp.resolve("data")),
        new SherpaRecognisers.Use(
            SherpaRecognisers.PROVIDER,
            language,
            SherpaRecognisers.Use.defaults().utterances(),
            false),
        SchedulerSettings.defaults(),
        new SimpleMeterRegistry());
  }

  private void assertRefused(String fault) {
    assertThatThrownBy(() -> open("").close())
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining(model.toString())
        .hasMessageContaining(fault);
  }
}
