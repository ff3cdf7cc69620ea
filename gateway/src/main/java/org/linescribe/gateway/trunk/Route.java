package org.linescribe.gateway.trunk;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hotwords;
import org.linescribe.session.InsightsRequest;
import org.linescribe.settings.SettingsCheck;

/**
 * A routing rule: what a call whose number, caller and trunk match gets. In the patterns {@code *}
 * stands for any text, {@code ?} for one character.
 *
 * @param to pattern of the called user, the user part of the Request-URI; any when absent
 * @param from pattern of the calling user, the user part of the From header; any when absent
 * @param trunk name of the trunk; any when absent
 * @param language BCP 47 tag, or the model's own
 * @param provider recogniser, or the default
 * @param model name of the model, or the provider's own
 * @param endpointSilence silence that ends an utterance, 100 ms to 10 s, or the session's setting
 * @param record whether the call is recorded, or as {@code linescribe.recording} says
 * @param insights what is derived from the transcript after the call, as {@link InsightsRequest#of}
 *     reads it; nothing when absent
 * @param refuse whether the call is refused with 403
 * @param announcement WAV file that the caller is told first, {@code none}, or as {@code
 *     linescribe.call.announcement} says
 * @param hotwords words and names that are expected, for a streaming transducer
 */
public record Route(
    @Nullable String to,
    @Nullable String from,
    @Nullable String trunk,
    @Nullable String language,
    @Nullable String provider,
    @Nullable String model,
    @Nullable Duration endpointSilence,
    @Nullable Boolean record,
    @Nullable List<String> insights,
    @Nullable Boolean refuse,
    @Nullable List<String> hotwords,
    @Nullable String announcement) {
  /** Instead of an announcement's file: there is none. */
  public static final String NO_ANNOUNCEMENT = "none";

  private static final String KEY = "linescribe.line.routes";
  private static final int MAX_PATTERN_CHARACTERS = 128;

  /** What a call gets where no rule matches. */
  public static final Route DEFAULT =
      new Route(null, null, null, null, null, null, null, null, null, null, null, null);

  public Route {
    check("to", to);
    check("from", from);
    hotwords = hotwords == null ? null : new Hotwords(hotwords).phrases();
    if (insights != null) {
      insights = List.copyOf(insights);
      SettingsCheck.require(
          isRequest(insights),
          KEY + ".insights",
          "'" + String.join(",", insights) + "'",
          InsightsRequest.EXPECTED);
    }
    if (endpointSilence != null) {
      SettingsCheck.require(
          endpointSilence.toMillis() >= 100 && endpointSilence.toMillis() <= 10_000,
          KEY + ".endpoint-silence",
          endpointSilence,
          "100ms to 10s");
    }
  }

  private static void check(String key, @Nullable String pattern) {
    SettingsCheck.require(
        pattern == null || pattern.length() <= MAX_PATTERN_CHARACTERS,
        KEY + "." + key,
        pattern == null ? "" : pattern.length() + " characters",
        "at most " + MAX_PATTERN_CHARACTERS);
  }

  private static boolean isRequest(List<String> insights) {
    try {
      InsightsRequest.of(insights);
      return true;
    } catch (IllegalArgumentException unknown) {
      return false;
    }
  }

  boolean matches(String called, String calling, String ofTrunk) {
    return matches(to, called)
        && matches(from, calling)
        && (trunk == null || trunk.equals(ofTrunk));
  }

  private static boolean matches(@Nullable String pattern, String text) {
    return pattern == null || glob(pattern, text);
  }

  /** Backtracks to the last star only: the product of both lengths at most. */
  private static boolean glob(String pattern, String text) {
    int p = 0;
    int t = 0;
    int star = -1;
    int resume = 0;
    while (t < text.length()) {
      if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))
          && pattern.charAt(p) != '*') {
        p++;
        t++;
      } else if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = t;
      } else if (star >= 0) {
        p = star + 1;
        t = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  /** Whether it refuses the call. */
  public boolean refuses() {
    return Objects.requireNonNullElse(refuse, false);
  }

  /** Optional views of what a call gets. */
  public Optional<String> wantedLanguage() {
    return Optional.ofNullable(language);
  }

  public Optional<String> wantedProvider() {
    return Optional.ofNullable(provider);
  }

  public Optional<String> wantedModel() {
    return Optional.ofNullable(model);
  }

  public Optional<Duration> wantedEndpointSilence() {
    return Optional.ofNullable(endpointSilence);
  }

  public List<String> wantedHotwords() {
    return Objects.requireNonNullElse(hotwords, List.of());
  }

  /** The file that a call is told first; empty: none. */
  public String announcementOr(String byDefault) {
    String file = Objects.requireNonNullElse(announcement, byDefault);
    return file.equals(NO_ANNOUNCEMENT) ? "" : file;
  }

  public Optional<Boolean> wantsRecording() {
    return Optional.ofNullable(record);
  }

  public InsightsRequest wantedInsights() {
    return insights == null ? InsightsRequest.NONE : InsightsRequest.of(insights);
  }
}
