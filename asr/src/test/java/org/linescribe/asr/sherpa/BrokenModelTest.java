package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.catalogue.SpokenLanguages;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.worker.ChildJvm;
import org.linescribe.media.g711.G711Law;

/** Models that would end this process if native code saw them here: it must live to report. */
class BrokenModelTest {
  @TempDir private Path temp;
  private Path model;
  private Path data;

  @BeforeEach
  void copyTheSoundModel() throws IOException {
    model = Files.createDirectory(temp.resolve("model"));
    data = temp.resolve("data");
    try (Stream<Path> files = Files.list(BundledModel.directory())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, model.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void opensASoundFolderAndProbesItOnce() throws Exception {
    HumanCalls.Call call = HumanCalls.all().getFirst();
    Transcript transcript = new Transcript();
    try (Recogniser recogniser = open();
        FedStream stream = FedStream.open(recogniser, StreamOptions.defaults(), transcript)) {
      assertThat(recogniser.info().model()).isEqualTo("model");
      float[] audio = call.throughPhone(G711Law.PCMA, 0);
      stream.feed(audio, 0, Math.min(audio.length, 150_000));
      stream.feed(audio, 150_000, audio.length - 150_000);
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    }
    assertThat(transcript.text()).isEqualTo(call.words());
    Path lock = data.resolve("models/lock.properties");
    assertThat(Files.readAllLines(lock).stream().filter(l -> l.startsWith("probed."))).hasSize(1);

    try (Recogniser again = open()) {
      assertThat(again.info().sampleRateHz()).isEqualTo(16_000);
    }
    assertThat(Files.readAllLines(lock).stream().filter(l -> l.startsWith("probed."))).hasSize(1);
  }

  @Test
  void namesAMissingFile() throws IOException {
    Files.delete(model.resolve("joiner.int8.onnx"));
    assertRefused("no joiner*.onnx");
  }

  @Test
  void namesAnEmptyFile() throws IOException {
    Files.write(model.resolve("decoder.onnx"), new byte[0]);
    assertRefused("decoder.onnx: empty");
  }

  @Test
  void namesGarbage() throws IOException {
    byte[] garbage = new byte[100_000];
    new Random(7).nextBytes(garbage);
    Files.write(model.resolve("joiner.int8.onnx"), garbage);
    assertRefused("joiner.int8.onnx: ");
  }

  @Test
  void namesATruncatedFile() throws IOException {
    Path encoder = model.resolve("encoder.int8.onnx");
    byte[] whole = Files.readAllBytes(encoder);
    Files.write(encoder, Arrays.copyOf(whole, whole.length / 2));
    assertRefused("encoder.int8.onnx: cut off");
  }

  @Test
  void namesAVocabularyThatIsTooShort() throws IOException {
    Path tokens = model.resolve("tokens.txt");
    List<String> lines = Files.readAllLines(tokens);
    Files.write(tokens, lines.subList(0, 10));
    assertRefused("tokens.txt: 10 tokens (expected: at least the model's 13)");
  }

  @Test
  void namesABadLineOfTheVocabulary() throws IOException {
    Path tokens = model.resolve("tokens.txt");
    Files.writeString(tokens, Files.readString(tokens).replace("▁SIX 9", "▁SIX nine"));
    assertRefused("tokens.txt: line 10 has no number");
  }

  @Test
  void namesMetadataThatTheLibraryNeeds() throws IOException {
    Path encoder = model.resolve("encoder.int8.onnx");
    byte[] bytes = Files.readAllBytes(encoder);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.lastIndexOf("rnn_hidden_size");
    bytes[at] = 'x';
    Files.write(encoder, bytes);
    assertRefused("encoder.int8.onnx: no metadata 'rnn_hidden_size', which a lstm needs");
  }

  @Test
  void survivesWeightsThatNoCheckOfFilesCanTell() throws IOException {
    // Well-formed protobuf, but the operators' names are nonsense: only loading finds out.
    Path encoder = model.resolve("encoder.int8.onnx");
    byte[] bytes = Files.readAllBytes(encoder);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    for (int at = text.indexOf("MatMulInteger");
        at >= 0;
        at = text.indexOf("MatMulInteger", at + 1)) {
      bytes[at] = 'X';
    }
    Files.write(encoder, bytes);
    Files.deleteIfExists(model.resolve("SHA256SUMS"));

    assertThatThrownBy(this::open)
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining(model.toString())
        .hasMessageContaining("unsound")
        .hasMessageContaining("while loading");
    assertThat(data.resolve("models/lock.properties")).doesNotExist();
  }

  @Test
  void theTrialProcessReportsAnAbortOfTheLibrary() throws IOException {
    Files.writeString(model.resolve("joiner.int8.onnx"), "garbage");
    ModelDescription bundled = ModelCatalogue.bundled().require(BundledModel.NAME);
    ModelFiles files = ModelFiles.of(bundled, model, "", SpokenLanguages.of(bundled, model));

    assertThatThrownBy(() -> ModelProbe.probe(files, ModelProbe.TIMEOUT))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("SIGABRT")
        .hasMessageContaining("joiner.int8.onnx");
  }

  @Test
  void theTrialProcessIsKilledWhenItTakesTooLong() {
    assertThatThrownBy(
            () ->
                ModelProbe.tryIn(
                    model,
                    scratch -> ChildJvm.bare(List.of("sleep", "3600"), scratch),
                    Duration.ofMillis(100)))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("did not end within");
  }

  private Recogniser open() {
    return SherpaRecognisers.open(
        new ModelSource.Directory(model, data),
        SherpaRecognisers.Use.defaults(),
        SchedulerSettings.defaults(),
        new SimpleMeterRegistry());
  }

  private void assertRefused(String fault) {
    assertThatThrownBy(this::open)
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining(model.toString())
        .hasMessageContaining(fault);
  }
}
