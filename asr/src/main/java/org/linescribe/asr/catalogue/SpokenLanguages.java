package org.linescribe.asr.catalogue;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.linescribe.asr.RecogniserInfo;

/**
 * The languages that a model knows, by the codes that the library takes. A model of many languages
 * detects what is spoken unless it is told.
 *
 * @param codes ISO 639 codes in lower case; empty where nobody says what the model speaks
 * @param detects whether the model finds the language out by itself
 */
public record SpokenLanguages(Set<String> codes, boolean detects) {
  /** The tag of a model that knows many languages, as ISO 639-2 has it. */
  public static final String MANY = "mul";

  /** The tag of a model of which nobody says what it speaks. */
  public static final String UNKNOWN = "und";

  /** Codes that models know by an older or wider name than today's tags. */
  private static final Map<String, List<String>> OTHER_NAMES =
      Map.of(
          "nb", List.of("no"),
          "iw", List.of("he"),
          "jv", List.of("jw"),
          "fil", List.of("tl"),
          "in", List.of("id"),
          "cmn", List.of("zh"));

  public SpokenLanguages {
    codes = Set.copyOf(codes);
  }

  /**
   * @throws ModelException when a file that tells them cannot be read
   */
  public static SpokenLanguages of(ModelDescription model, Path directory) throws ModelException {
    return switch (model.type()) {
      case WHISPER -> whisper(model, directory);
      case SENSE_VOICE -> new SpokenLanguages(Set.of("zh", "en", "ja", "ko", "yue"), true);
      case ZIPFORMER,
          ZIPFORMER2,
          LSTM,
          CONFORMER,
          PARAFORMER,
          ZIPFORMER2_CTC,
          NEMO_CTC,
          T_ONE_CTC,
          MOONSHINE,
          MOONSHINE_SPLIT,
          OFFLINE_TRANSDUCER,
          OFFLINE_NEMO_TRANSDUCER,
          OFFLINE_NEMO_CTC -> {
        boolean known = !List.of(MANY, UNKNOWN).contains(model.language());
        yield new SpokenLanguages(
            known
                ? Set.of(RecogniserInfo.primary(model.language()))
                : Set.copyOf(model.languages()),
            model.language().equals(MANY));
      }
    };
  }

  private static SpokenLanguages whisper(ModelDescription model, Path directory)
      throws ModelException {
    Map<String, String> metadata =
        OnnxFile.read(directory.resolve(model.file("encoder").name())).metadata();
    if (!metadata.getOrDefault("is_multilingual", "1").equals("1")) {
      return new SpokenLanguages(Set.of("en"), false);
    }
    Set<String> codes = new LinkedHashSet<>();
    for (String code : metadata.getOrDefault("all_language_codes", "").split(",", -1)) {
      if (!code.isBlank()) {
        codes.add(code.strip());
      }
    }
    return new SpokenLanguages(codes, true);
  }

  /**
   * A BCP 47 tag as the code that the model knows: {@code en-US} is {@code en}. Empty where the
   * model does not know the language.
   */
  public Optional<String> code(String tag) {
    String primary = RecogniserInfo.primary(tag);
    if (codes.contains(primary) || (codes.isEmpty() && primary.matches("[a-z]{2,3}"))) {
      return Optional.of(primary);
    }
    return OTHER_NAMES.getOrDefault(primary, List.of()).stream().filter(codes::contains).findAny();
  }

  /** The codes, and others of the same languages: a model for "no" understands "nb". */
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>(codes);
    OTHER_NAMES.forEach(
        (name, known) -> {
          if (known.stream().anyMatch(codes::contains)) {
            names.add(name);
          }
        });
    return names;
  }

  /** The model's tag: its only language, or {@link #MANY}, or {@link #UNKNOWN}. */
  public String tag() {
    return detects ? MANY : codes.size() == 1 ? codes.iterator().next() : UNKNOWN;
  }
}
