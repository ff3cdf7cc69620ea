package org.linescribe.session;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a source asks of recognition; what is empty is as the settings say.
 *
 * @param model the model to use, by its name
 * @param provider the recogniser to use, where no model is named
 * @param language BCP 47 tag of what is spoken
 * @param endpointSilence silence that ends an utterance
 * @param hotwords words and names that are expected; checked where they are looked up
 * @param orDefault whether what is not served is left to the default, and told by {@link
 *     SessionSource#unserved}; else the source is refused
 */
public record RecognitionRequest(
    Optional<String> model,
    Optional<String> provider,
    Optional<String> language,
    Optional<Duration> endpointSilence,
    List<String> hotwords,
    boolean orDefault) {
  public RecognitionRequest {
    hotwords = List.copyOf(hotwords);
  }

  /** Everything as the settings say. */
  public static final RecognitionRequest DEFAULT =
      new RecognitionRequest(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), false);

  public RecognitionRequest withModel(Optional<String> name) {
    return new RecognitionRequest(name, provider, language, endpointSilence, hotwords, orDefault);
  }

  public RecognitionRequest withProvider(Optional<String> name) {
    return new RecognitionRequest(model, name, language, endpointSilence, hotwords, orDefault);
  }

  public RecognitionRequest withLanguage(Optional<String> tag) {
    return new RecognitionRequest(model, provider, tag, endpointSilence, hotwords, orDefault);
  }

  public RecognitionRequest withEndpointSilence(Optional<Duration> silence) {
    return new RecognitionRequest(model, provider, language, silence, hotwords, orDefault);
  }

  public RecognitionRequest withHotwords(List<String> phrases) {
    return new RecognitionRequest(model, provider, language, endpointSilence, phrases, orDefault);
  }

  /** Never refused for what it names. */
  public RecognitionRequest orElseDefault() {
    return new RecognitionRequest(model, provider, language, endpointSilence, hotwords, true);
  }
}
