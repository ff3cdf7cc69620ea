package org.linescribe.asr;

import java.util.Locale;
import java.util.Set;

/**
 * What a recogniser is and wants.
 *
 * @param provider the implementation, "sherpa"
 * @param model the catalogue's name of the model, stored with every segment
 * @param language BCP 47 tag of what it recognises; "mul" or empty for many, "und" where nobody
 *     says
 * @param languages ISO 639 codes of what it recognises; empty where they are not known
 * @param sampleRateHz the rate that its model works at, 8000 or 16000; streams convert the leg's to
 *     it
 */
public record RecogniserInfo(
    String provider, String model, String language, Set<String> languages, int sampleRateHz) {
  public RecogniserInfo {
    languages = Set.copyOf(languages);
  }

  /** Of one language, or of many that are not known by name. */
  public RecogniserInfo(String provider, String model, String language, int sampleRateHz) {
    this(provider, model, language, Set.of(), sampleRateHz);
  }

  /** Whether it understands a language, by a tag like en-US. */
  public boolean speaks(String languageTag) {
    String code = primary(languageTag);
    if (!languages.isEmpty()) {
      return languages.contains(code);
    }
    return detectsLanguage() || language.equals("und") || primary(language).equals(code);
  }

  /** Whether it finds out the language by itself. */
  public boolean detectsLanguage() {
    return language.isEmpty() || language.equals("mul");
  }

  private static String primary(String tag) {
    return tag.strip().split("[-_]", 2)[0].toLowerCase(Locale.ROOT);
  }
}
