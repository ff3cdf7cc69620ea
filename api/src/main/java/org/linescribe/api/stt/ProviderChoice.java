package org.linescribe.api.stt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.providers.Providers;

/**
 * Who serves a client, and in which language.
 *
 * @param provider the recogniser's name
 * @param language what the client is told: a tag, or "auto" where the model finds out
 * @param languageTag what the recogniser is told, empty where it knows or finds out itself
 * @param warnings where this is not what the client asked for
 */
record ProviderChoice(
    String provider, String language, Optional<String> languageTag, List<String> warnings) {
  /** Those that the documents name. */
  static final Set<String> DOCUMENTED = Set.of("sherpa", "whisper", "google");

  ProviderChoice {
    warnings = List.copyOf(warnings);
  }

  /**
   * A documented provider that is not configured, or that does not speak the language, is not the
   * end: another one serves, and the client is told.
   */
  static ProviderChoice of(
      Optional<String> askedProvider,
      Optional<String> askedLanguage,
      Providers providers,
      SttSettings settings)
      throws UnusableRequestException {
    List<String> warnings = new ArrayList<>();
    Recogniser wanted = wanted(askedProvider, providers, settings, warnings);
    String language = askedLanguage.orElse(settings.language());
    if (language.equalsIgnoreCase(Languages.AUTO)) {
      return automatic(wanted.info(), askedLanguage.isPresent(), warnings);
    }
    String tag = language.replace('_', '-');
    if (!Providers.speaks(wanted.info(), tag)) {
      Recogniser other =
          providers.recognisers().stream()
              .filter(recogniser -> Providers.speaks(recogniser.info(), tag))
              .findFirst()
              .orElseThrow(() -> unknownLanguage(tag, providers));
      warnings.add(
          "language "
              + tag
              + ": not spoken by provider "
              + wanted.info().provider()
              + ", served by "
              + other.info().provider());
      wanted = other;
    }
    return new ProviderChoice(wanted.info().provider(), tag, Optional.of(tag), warnings);
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
    if (Providers.detectsLanguage(info)) {
      return new ProviderChoice(info.provider(), Languages.AUTO, Optional.empty(), warnings);
    }
    if (asked) {
      warnings.add(
          "language auto: the model "
              + info.model()
              + " cannot detect languages, "
              + info.language()
              + " is assumed");
    }
    return new ProviderChoice(info.provider(), info.language(), Optional.empty(), warnings);
  }

  private static UnusableRequestException unknownLanguage(String tag, Providers providers) {
    String spoken =
        providers.recognisers().stream()
            .map(recogniser -> recogniser.info().language())
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
