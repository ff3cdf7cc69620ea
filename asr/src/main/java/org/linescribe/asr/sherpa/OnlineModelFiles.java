package org.linescribe.asr.sherpa;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What the library must be told to load a streaming model.
 *
 * @param kind which part of the configuration the files go to
 * @param files by role: {@code encoder decoder joiner} or {@code model}
 * @param tokens the vocabulary
 * @param modelType the library's {@code model_type}, or empty to let it look into the file
 * @param sampleRateHz the model's rate
 * @param featureBins mel bins of a frame
 * @param decodingMethod {@code greedy_search} or {@code modified_beam_search}
 */
record OnlineModelFiles(
    Kind kind,
    Map<String, Path> files,
    Path tokens,
    Optional<String> modelType,
    int sampleRateHz,
    int featureBins,
    String decodingMethod) {
  /** The library's families of streaming models. */
  enum Kind {
    TRANSDUCER,
    PARAFORMER,
    ZIPFORMER2_CTC,
    NEMO_CTC,
    T_ONE_CTC
  }

  OnlineModelFiles {
    files = Map.copyOf(files);
  }

  Path file(String role) {
    return Objects.requireNonNull(files.get(role), role);
  }
}
