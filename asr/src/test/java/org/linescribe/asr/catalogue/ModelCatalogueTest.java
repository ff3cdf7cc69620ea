package org.linescribe.asr.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ModelCatalogueTest {
  @Test
  void knowsTheBundledModelWithItsHashesAndThePublicOnesWithout() {
    ModelCatalogue catalogue = ModelCatalogue.bundled();

    assertThat(catalogue.models()).hasSizeGreaterThanOrEqualTo(10);
    assertThat(catalogue.require(BundledModel.NAME).isHashed()).isTrue();
    assertThat(catalogue.models().stream().map(ModelDescription::type))
        .containsAll(
            Stream.of(ModelType.values())
                .filter(type -> type != ModelType.OFFLINE_TRANSDUCER)
                .toList());
    assertThat(catalogue.models().stream().filter(m -> m.language().equals("mul")))
        .hasSizeGreaterThan(4)
        .allSatisfy(
            m -> assertThat(m.type() == ModelType.WHISPER || !m.languages().isEmpty()).isTrue());
    assertThat(catalogue.models().stream().filter(m -> !m.bundled()))
        .allSatisfy(m -> assertThat(m.archive()).isPresent());
  }

  @ParameterizedTest
  @ValueSource(strings = {BundledModel.NAME, BundledModel.SPEECH})
  void aBundledModelIsWhatTheCatalogueSays(String name, @TempDir Path data) throws IOException {
    ModelDescription model = ModelCatalogue.bundled().require(name);
    Path directory = BundledModel.directory(name);

    ModelValidator.validate(model, directory);

    assertThat(new ModelStore(data).verify(model, directory))
        .extracting(ModelStore.Verdict::state)
        .containsOnly(ModelStore.Verdict.State.SOUND);
    for (ModelDescription.ModelFile file : model.files().values()) {
      assertThat(directory.resolve(file.name())).hasSize(file.bytes().orElseThrow());
    }
  }

  @Test
  void refusesAnUnknownNameAndListsTheKnown() {
    assertThatThrownBy(() -> ModelCatalogue.bundled().require("nonsense"))
        .hasMessageContaining("nonsense")
        .hasMessageContaining(BundledModel.NAME);
  }

  @Test
  void refusesAFileNameThatIsAPath() {
    String yaml =
        """
        models:
          - {name: m, language: en, sample-rate-hz: 8000, type: t-one-ctc, about-megabytes: 1,
             licence: x, source: x, endpoint-ms: 800, decoding: greedy_search,
             files: {model: {name: ../m.onnx}, tokens: {name: tokens.txt}}}
        """;
    assertThatThrownBy(
            () ->
                ModelCatalogue.read(
                    new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))))
        .hasMessageContaining("expected: a plain name");
  }

  @Test
  void theCommandsListAndVerify(@TempDir Path data) {
    assertThat(run("list", "--data", data.toString()))
        .contains("telephony-digits-en", "bundled")
        .containsPattern(
            "sherpa-onnx-whisper-base +99 of them +utterances .* 161 +not installed +none +MIT")
        .containsPattern("moonshine-tiny-en +en +utterances .* 44 +bundled +known +MIT")
        .containsPattern("parakeet-tdt-0\\.6b-v3-int8 +25 of them +utterances .* CC-BY-4\\.0");
    assertThat(run("verify", "--data", data.toString()))
        .contains("sound")
        .doesNotContain("ALTERED");
    assertThat(run("pull", "--data", data.toString(), "nonsense")).contains("expected: one of");
    assertThat(run("pull", "--data", data.toString(), "sherpa-onnx-lstm-en-2023-02-17"))
        .contains("--trust-on-first-use");
    assertThat(run("verify", "--data", data.toString(), "sherpa-onnx-lstm-en-2023-02-17"))
        .contains("not installed");
  }

  @Test
  void eachEntrySaysItsSizeLicenceAndSource() {
    assertThat(ModelCatalogue.bundled().models())
        .allSatisfy(
            model -> {
              assertThat(model.aboutMegabytes()).as(model.name()).isPositive();
              assertThat(model.licence()).as(model.name()).isNotBlank();
              assertThat(model.source()).as(model.name()).isNotBlank();
            });
  }

  /** Nobody has vouched for it, so that not even a connection is made. */
  @Test
  void whatHasNoHashIsNotFetchedUnlessSomebodyTrustsIt(@TempDir Path data) {
    ModelPuller puller = new ModelPuller(new ModelStore(data));
    assertThat(ModelCatalogue.bundled().models().stream().filter(model -> !model.isHashed()))
        .hasSizeGreaterThan(10)
        .allSatisfy(
            model ->
                assertThatThrownBy(
                        () ->
                            puller.pull(
                                model,
                                new ModelPuller.Trust.Known(),
                                (bytes, total) -> {
                                  throw new AssertionError("fetched");
                                }))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining(model.name() + ": the catalogue has no sha256"));
  }

  @Test
  void readsOnlyLittleOfAnOnnxFile(@TempDir Path folder) throws IOException {
    Path encoder = BundledModel.directory().resolve("encoder.int8.onnx");

    OnnxFile onnx = OnnxFile.read(encoder);

    assertThat(onnx.metadata()).containsEntry("model_type", "lstm").containsEntry("T", "21");
    assertThat(OnnxFile.read(BundledModel.directory().resolve("joiner.int8.onnx")))
        .extracting(o -> o.lastOutputDimension().orElseThrow())
        .isEqualTo(13L);
    byte[] whole = Files.readAllBytes(encoder);
    Random random = new Random(5);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      for (int k = 0; k < 20; k++) {
        damaged[random.nextInt(i < 150 ? 2000 : damaged.length)] = (byte) random.nextInt();
      }
      Path file = Files.write(folder.resolve("damaged.onnx"), damaged);
      try {
        assertThat(OnnxFile.read(file).metadata()).isNotNull();
      } catch (ModelException e) {
        assertThat(e).hasMessageContaining("damaged.onnx: ");
      }
    }
  }

  private static String run(String... args) {
    StringWriter text = new StringWriter();
    CommandLine line = new CommandLine(new ModelsCommand());
    line.setOut(new PrintWriter(text));
    line.setErr(new PrintWriter(text));
    line.execute(args);
    return text.toString();
  }
}
