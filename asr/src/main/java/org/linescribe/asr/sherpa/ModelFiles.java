package org.linescribe.asr.sherpa;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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

  /** For the command line of a child JVM, which reads them by {@link #of(List)}. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add(type.name());
    arguments.add(Integer.toString(sampleRateHz));
    arguments.add(decodingMethod);
    arguments.add("language=" + language);
    arguments.add(Boolean.toString(findsLanguage));
    arguments.add(tokens.toAbsolutePath().toString());
    files.forEach((role, file) -> arguments.add(role + "=" + file.toAbsolutePath()));
    return arguments;
  }

  static ModelFiles of(List<String> arguments) {
    Map<String, Path> files = new HashMap<>();
    for (String argument : arguments.subList(6, arguments.size())) {
      int equals = argument.indexOf('=');
      files.put(argument.substring(0, equals), Path.of(argument.substring(equals + 1)));
    }
    return new ModelFiles(
        ModelType.valueOf(arguments.get(0)),
        files,
        Path.of(arguments.get(5)),
        Integer.parseInt(arguments.get(1)),
        arguments.get(2),
        arguments.get(3).substring(arguments.get(3).indexOf('=') + 1),
        Boolean.parseBoolean(arguments.get(4)));
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
