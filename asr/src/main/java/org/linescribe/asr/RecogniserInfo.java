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
 * @param tellable those of them that a session may tell it instead of letting it find out; {@link
 *     #ANY} where it takes every one
 * @param sampleRateHz the rate that its model works at, 8000 or 16000; streams convert the leg's to
 *     it
 */
public record RecogniserInfo(
    String provider,
    String model,
    String language,
    Set<String> languages,
    Set<String> tellable,
    int sampleRateHz) {
  /** Every language. Source: RFC 4647 §2.1, the wildcard of a language range. */
  public static final String ANY = "*";

  private static final String UNKNOWN = "und";

  public RecogniserInfo {
    languages = Set.copyOf(languages);
    tellable = Set.copyOf(tellable);
  }

  /** Of one language, or of many that are not known by name and that it finds out. */
  public RecogniserInfo(String provider, String model, String language, int sampleRateHz) {
    this(provider, model, language, Set.of(), Set.of(), sampleRateHz);
  }

  /** Whether it understands a language, by a tag like en-US. */
  public boolean speaks(String languageTag) {
    String code = primary(languageTag);
    if (!languages.isEmpty()) {
      return languages.contains(code);
    }
    return detectsLanguage() || language.equals(UNKNOWN) || primary(language).equals(code);
  }

  /** Whether it finds out the language by itself. */
  public boolean detectsLanguage() {
    return language.isEmpty() || language.equals("mul");
  }

  /**
   * Whether a session may be certain of a language that this speaks: it can be told it, or has no
   * other. Else it finds out what is spoken, and only what it found is known.
   */
  public boolean canBeHeldTo(String languageTag) {
    return tellable.contains(ANY)
        || tellable.contains(primary(languageTag))
        || !detectsLanguage() && !language.equals(UNKNOWN) && speaks(languageTag);
  }

  /** The language of a BCP 47 tag, in lower case: {@code en} of {@code en-US}. */
  public static String primary(String tag) {
    return tag.strip().split("[-_]", 2)[0].toLowerCase(Locale.ROOT);
  }
}
