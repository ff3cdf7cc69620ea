package org.linescribe.api.audio;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.linescribe.session.RecognitionRequest;

/**
 * The parameters by which a client of any API chooses how it is recognised: {@code model}, {@code
 * language} and {@code hotwords}. What they name is looked up by the session.
 */
public final class RecognitionParameters {
  /** The language that stands for none: the model's own, or what it finds. */
  private static final String AUTO = "auto";

  private RecognitionParameters() {}

  /**
   * @param parameter a parameter of the request by its name
   */
  public static RecognitionRequest of(Function<String, Optional<String>> parameter) {
    return RecognitionRequest.DEFAULT
        .withModel(given(parameter, "model"))
        .withLanguage(
            given(parameter, "language").filter(language -> !language.equalsIgnoreCase(AUTO)))
        .withHotwords(hotwords(parameter));
  }

  /** Phrases with commas between. */
  public static List<String> hotwords(Function<String, Optional<String>> parameter) {
    return given(parameter, "hotwords")
        .map(phrases -> List.of(phrases.split(",")))
        .orElse(List.of());
  }

  private static Optional<String> given(Function<String, Optional<String>> parameter, String name) {
    return parameter.apply(name).map(String::strip).filter(text -> !text.isEmpty());
  }
}
