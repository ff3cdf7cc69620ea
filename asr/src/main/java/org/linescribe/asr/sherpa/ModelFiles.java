package org.linescribe.asr.sherpa;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.ModelType;

/**
 * What the library must be told to load a model.
 *
 * @param type which part of the configuration the files go to
 * @param files by role: {@code encoder decoder joiner} or {@code model}
 * @param tokens the vocabulary
 * @param sampleRateHz the model's rate
 * @param decodingMethod {@code greedy_search} or {@code modified_beam_search}
 * @param language a code that the model knows, or empty where it has one or finds it out
 * @param findsLanguage whether it finds out what is spoken
 */
record ModelFiles(
    ModelType type,
    Map<String, Path> files,
    Path tokens,
    int sampleRateHz,
    String decodingMethod,
    String language,
    boolean findsLanguage) {
  /** A search that keeps several hypotheses. */
  static final String BEAM_SEARCH = "modified_beam_search";

  ModelFiles {
    files = Map.copyOf(files);
  }

  /**
   * @param language what it is told, or empty
   * @param detects whether the model can find the language out
   */
  static ModelFiles of(ModelDescription model, Path directory, String language, boolean detects) {
    Map<String, Path> files = new HashMap<>();
    model.files().forEach((role, file) -> files.put(role, directory.resolve(file.name())));
    Path tokens = Objects.requireNonNull(files.remove("tokens"), "tokens");
    return new ModelFiles(
        model.type(),
        files,
        tokens,
        model.sampleRateHz(),
        model.decodingMethod(),
        language,
        detects && language.isEmpty());
  }

  /** With a beam search, where the library has one for the model. */
  ModelFiles withBeamSearch() {
    return type.allowsBeamSearch()
        ? new ModelFiles(type, files, tokens, sampleRateHz, BEAM_SEARCH, language, findsLanguage)
        : this;
  }

  Path file(String role) {
    return Objects.requireNonNull(files.get(role), role);
  }

  /** Mel bins of a frame; the library knows better itself for the families that differ. */
  int featureBins() {
    return 80;
  }
}
