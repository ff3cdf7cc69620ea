package org.linescribe.asr.sherpa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;
import org.linescribe.media.resources.TemporaryFolder;

/**
 * The vocabulary in the form that the library spells hotwords by, in a file that is there while a
 * model is loaded. None where the model's search takes no hotwords.
 */
record HotwordsFile(Optional<Vocabulary> vocabulary, @Nullable Path path) implements AutoCloseable {
  /**
   * @throws RecogniserException when the vocabulary cannot be read or written
   */
  static HotwordsFile of(ModelFiles model) {
    if (!model.decodingMethod().equals(ModelFiles.BEAM_SEARCH)) {
      return new HotwordsFile(Optional.empty(), null);
    }
    try {
      Vocabulary vocabulary = Vocabulary.read(model.tokens());
      if (!vocabulary.isOfWordPieces()) {
        return new HotwordsFile(Optional.empty(), null);
      }
      Path file = TemporaryFolder.createFile("vocabulary", ".txt");
      Files.write(file, vocabulary.scored());
      return new HotwordsFile(Optional.of(vocabulary), file);
    } catch (IOException e) {
      throw new RecogniserException(model.tokens() + ": no vocabulary for hotwords: " + e, e);
    }
  }

  Path file() {
    return Objects.requireNonNull(path);
  }

  @Override
  public void close() {
    try {
      if (path != null) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new RecogniserException(path + ": cannot be deleted: " + e, e);
    }
  }
}
