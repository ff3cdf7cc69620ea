package org.linescribe.asr.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.resources.Sha256;

class LocalModelTest {
  private static final List<String> FILES =
      List.of("encoder.int8.onnx", "decoder.onnx", "joiner.int8.onnx", "tokens.txt");

  @TempDir private Path folder;

  @BeforeEach
  void copyTheBundledModel() throws IOException {
    List<String> sums = new ArrayList<>();
    for (String name : FILES) {
      Path copy = Files.copy(BundledModel.directory().resolve(name), folder.resolve(name));
      sums.add(Sha256.ofFile(copy) + "  " + name);
    }
    Files.write(folder.resolve("SHA256SUMS"), sums);
  }

  @Test
  void takesAModelWhoseFilesHaveTheHashesBesideThem() throws IOException {
    ModelDescription model = LocalModel.describe(folder);

    assertThatCode(() -> ModelValidator.validate(model, folder)).doesNotThrowAnyException();
    assertThat(model.files().keySet())
        .containsExactlyInAnyOrder("encoder", "decoder", "joiner", "tokens");
  }

  @Test
  void namesTheFileWhoseWeightsAreNotThoseOfTheHashBesideIt() throws IOException {
    Path encoder = folder.resolve("encoder.int8.onnx");
    try (RandomAccessFile file = new RandomAccessFile(encoder.toFile(), "rw")) {
      file.seek(file.length() / 2);
      int weight = file.read();
      file.seek(file.length() / 2);
      file.write(weight ^ 0xff);
    }

    ModelDescription model = LocalModel.describe(folder);

    assertThatThrownBy(() -> ModelValidator.validate(model, folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("encoder.int8.onnx")
        .hasMessageContaining("SHA256SUMS");

    Files.delete(folder.resolve("SHA256SUMS"));
    assertThatCode(() -> ModelValidator.validate(model, folder)).doesNotThrowAnyException();
  }
}
