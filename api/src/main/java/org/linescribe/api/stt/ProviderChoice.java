package org.linescribe.api.stt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.providers.Providers;
import org.linescribe.session.RecognitionRequest;

/**
 * The provider and the language that serve a client.
 *
 * @param provider the recogniser's name
 * @param recognition what the session asks the pipeline for: the provider or a model by its name,
 *     and the language where it is not the model's to find
 * @param language the client's answer: a tag, or "auto" where the model detects it
 * @param warnings where this differs from what the client asked for
 */
record ProviderChoice(
    String provider, RecognitionRequest recognition, String language, List<String> warnings) {
  /** The documented names. */
  static final Set<String> DOCUMENTED = Set.of("sherpa", "whisper", "google");

  ProviderChoice {
    warnings = List.copyOf(warnings);
  }

  /**
   * Another provider serves, with a warning, where a documented one is not configured or does not
   * speak the language.
   */
  static ProviderChoice of(
      Optional<String> askedModel,
      Optional<String> askedProvider,
      Optional<String> askedLanguage,
      Providers providers,
      SttSettings settings)
      throws UnusableRequestException {
    List<String> warnings = new ArrayList<>();
    if (askedModel.isPresent()) {
      if (askedProvider.isPresent()) {
        throw new UnusableRequestException("model and provider: expected one of them");
      }
      return ofModel(askedModel.get(), askedLanguage, providers, warnings);
    }
    Recogniser wanted = wanted(askedProvider, providers, settings, warnings);
    String language = askedLanguage.orElse(settings.language());
    if (language.equalsIgnoreCase(Languages.AUTO)) {
      return automatic(wanted.info(), askedLanguage.isPresent(), warnings);
    }
    String tag = language.replace('_', '-');
    if (!wanted.info().speaks(tag)) {
      Recogniser other =
          providers.recognisers().stream()
              .filter(recogniser -> recogniser.info().speaks(tag))
              .findFirst()
              .orElseThrow(() -> unknownLanguage(tag, providers));
      warnings.add(
          "language %s: not spoken by provider %s, served by %s"
              .formatted(tag, wanted.info().provider(), other.info().provider()));
      wanted = other;
    }
    return of(wanted.info(), tag, warnings);
  }

  /** A model that was asked for by name is never replaced by another one. */
  private static ProviderChoice ofModel(
      String name, Optional<String> askedLanguage, Providers providers, List<String> warnings)
      throws UnusableRequestException {
    Recogniser model = providers.models().get(name);
    if (model == null) {
      throw new UnusableRequestException(
          "model: expected one of " + String.join(", ", providers.models().keySet()));
    }
    RecogniserInfo info = model.info();
    String language = askedLanguage.orElse(Languages.AUTO);
    ProviderChoice choice;
    if (language.equalsIgnoreCase(Languages.AUTO)) {
      choice = automatic(info, askedLanguage.isPresent(), warnings);
    } else {
      String tag = language.replace('_', '-');
      if (!info.speaks(tag)) {
        throw new UnusableRequestException(
            "language: model "
                + name
                + " does not speak "
                + tag
                + " (expected: auto, "
                + spoken(info)
                + ")");
      }
      choice = of(info, tag, warnings);
    }
    return new ProviderChoice(
        choice.provider,
        choice.recognition.withProvider(Optional.empty()).withModel(Optional.of(name)),
        choice.language,
        choice.warnings);
  }

  /**
   * In a language that the recogniser speaks, which is told it. What is left to find out what is
   * spoken is not said to be in it.
   */
  private static ProviderChoice of(RecogniserInfo info, String tag, List<String> warnings) {
    if (!info.canBeHeldTo(tag)) {
      warnings.add("language: " + tag + " cannot be told to model " + info.model());
      return automatic(info, false, warnings);
    }
    return new ProviderChoice(
        info.provider(), ofProvider(info).withLanguage(Optional.of(tag)), tag, warnings);
  }

  /** Where the model could not be told the language after all: it finds out what is spoken. */
  ProviderChoice untold(List<String> words) {
    List<String> all = new ArrayList<>(warnings);
    all.addAll(words);
    return new ProviderChoice(provider, recognition, Languages.AUTO, all);
  }

  private static String spoken(RecogniserInfo info) {
    return info.languages().isEmpty()
        ? info.language()
        : String.join(", ", new TreeSet<>(info.languages()));
  }

  private static Recogniser wanted(
      Optional<String> asked, Providers providers, SttSettings settings, List<String> warnings)
      throws UnusableRequestException {
    Recogniser fallback = providers.named(settings.provider()).orElse(providers.first());
    if (asked.isEmpty()) {
      return fallback;
    }
    Optional<Recogniser> found = providers.named(asked.get());
    if (found.isPresent()) {
      return found.get();
    }
    if (settings.substituteProviders() && DOCUMENTED.contains(asked.get())) {
      String name = fallback.info().provider();
      warnings.add("provider " + asked.get() + ": not configured here, served by " + name);
      return fallback;
    }
    throw new UnusableRequestException("provider: expected one of " + names(providers));
  }

  private static ProviderChoice automatic(
      RecogniserInfo info, boolean asked, List<String> warnings) {
    if (info.detectsLanguage()) {
      return new ProviderChoice(info.provider(), ofProvider(info), Languages.AUTO, warnings);
    }
    if (asked) {
      warnings.add(
          "language auto: the model %s cannot detect languages, %s is assumed"
              .formatted(info.model(), info.language()));
    }
    return new ProviderChoice(info.provider(), ofProvider(info), info.language(), warnings);
  }

  private static RecognitionRequest ofProvider(RecogniserInfo info) {
    return RecognitionRequest.DEFAULT.withProvider(Optional.of(info.provider()));
  }

  private static UnusableRequestException unknownLanguage(String tag, Providers providers) {
    String spoken =
        providers.recognisers().stream()
            .map(recogniser -> spoken(recogniser.info()))
            .distinct()
            .collect(Collectors.joining(", "));
    return new UnusableRequestException(
        "language: no provider here speaks " + tag + " (expected: auto, " + spoken + ")");
  }

  private static String names(Providers providers) {
    return providers.recognisers().stream()
        .map(recogniser -> recogniser.info().provider())
        .collect(Collectors.joining(", "));
  }
}
