package org.linescribe.asr.sherpa;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.ModelType;

/**
 * What the library must be told to load a streaming model.
 *
 * @param type which part of the configuration the files go to
 * @param files by role: {@code encoder decoder joiner} or {@code model}
 * @param tokens the vocabulary
 * @param sampleRateHz the model's rate
 * @param decodingMethod {@code greedy_search} or {@code modified_beam_search}
 */
record OnlineModelFiles(
    ModelType type, Map<String, Path> files, Path tokens, int sampleRateHz, String decodingMethod) {
  OnlineModelFiles {
    files = Map.copyOf(files);
  }

  static OnlineModelFiles of(ModelDescription model, Path directory) {
    Map<String, Path> files = new HashMap<>();
    model.files().forEach((role, file) -> files.put(role, directory.resolve(file.name())));
    Path tokens = Objects.requireNonNull(files.remove("tokens"), "tokens");
    return new OnlineModelFiles(
        model.type(), files, tokens, model.sampleRateHz(), model.decodingMethod());
  }

  Path file(String role) {
    return Objects.requireNonNull(files.get(role), role);
  }

  /** Mel bins of a frame; the library knows better itself for the families that differ. */
  int featureBins() {
    return 80;
  }
}
