package org.linescribe.asr.sherpa;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.ModelException;
import org.linescribe.asr.catalogue.ModelType;
import org.linescribe.asr.catalogue.ModelValidator;
import org.linescribe.asr.catalogue.SpokenLanguages;

/**
 * What the library must be told to load a model.
 *
 * @param type which part of the configuration the files go to
 * @param files by role: {@code encoder decoder joiner} or {@code model}
 * @param tokens the vocabulary
 * @param sampleRateHz the model's rate
 * @param decodingMethod {@code greedy_search} or {@code modified_beam_search}
 * @param language a code that the model knows, or empty where it has one or finds it out
 * @param tellable codes of what it may be told for one utterance, where it else finds it out
 * @param attends whether a Whisper decoder shows where in the audio it looks, which gives its
 *     tokens times
 */
record ModelFiles(
    ModelType type,
    Map<String, Path> files,
    Path tokens,
    int sampleRateHz,
    String decodingMethod,
    String language,
    Set<String> tellable,
    boolean attends) {
  /** Whose recogniser takes a language; others of many languages always find it out. */
  private static final Set<ModelType> TOLD = Set.of(ModelType.WHISPER, ModelType.SENSE_VOICE);

  /** A search that keeps several hypotheses. */
  static final String BEAM_SEARCH = "modified_beam_search";

  ModelFiles {
    files = Map.copyOf(files);
    tellable = Set.copyOf(tellable);
  }

  /**
   * @param language what it is told, or empty
   * @param spoken what the model knows
   */
  static ModelFiles of(
      ModelDescription model, Path directory, String language, SpokenLanguages spoken)
      throws ModelException {
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
        language.isEmpty() && isTold(model.type(), spoken) ? spoken.codes() : Set.of(),
        ModelValidator.attends(model, directory));
  }

  private static boolean isTold(ModelType type, SpokenLanguages spoken) {
    return spoken.detects() && TOLD.contains(type);
  }

  /** Names of the languages that sessions may tell a model which was told none by its settings. */
  static Set<String> tellable(ModelType type, SpokenLanguages spoken) {
    return isTold(type, spoken) ? spoken.names() : Set.of();
  }

  /** For the command line of a child JVM, which reads them by {@link #of(List)}. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add(type.name());
    arguments.add(Integer.toString(sampleRateHz));
    arguments.add(decodingMethod);
    arguments.add("language=" + language);
    arguments.add("tellable=" + String.join(",", tellable));
    arguments.add("attends=" + attends);
    arguments.add(tokens.toAbsolutePath().toString());
    files.forEach((role, file) -> arguments.add(role + "=" + file.toAbsolutePath()));
    return arguments;
  }

  static ModelFiles of(List<String> arguments) {
    Map<String, Path> files = new HashMap<>();
    for (String argument : arguments.subList(7, arguments.size())) {
      int equals = argument.indexOf('=');
      files.put(argument.substring(0, equals), Path.of(argument.substring(equals + 1)));
    }
    return new ModelFiles(
        ModelType.valueOf(arguments.get(0)),
        files,
        Path.of(arguments.get(6)),
        Integer.parseInt(arguments.get(1)),
        arguments.get(2),
        value(arguments.get(3)),
        Arrays.stream(value(arguments.get(4)).split(",", -1))
            .filter(code -> !code.isEmpty())
            .collect(Collectors.toSet()),
        Boolean.parseBoolean(value(arguments.get(5))));
  }

  private static String value(String argument) {
    return argument.substring(argument.indexOf('=') + 1);
  }

  /** Told what is spoken, one of {@link #tellable}. */
  ModelFiles speaking(String code) {
    return new ModelFiles(
        type, files, tokens, sampleRateHz, decodingMethod, code, Set.of(), attends);
  }

  /** With a beam search, where the library has one for the model. */
  ModelFiles withBeamSearch() {
    return type.allowsBeamSearch()
        ? new ModelFiles(
            type, files, tokens, sampleRateHz, BEAM_SEARCH, language, tellable, attends)
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
