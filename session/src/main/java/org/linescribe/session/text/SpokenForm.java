package org.linescribe.session.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Corrections from what a model writes to what is meant. Thread: any; immutable. */
final class SpokenForm {
  private static final Pattern WORDS =
      Pattern.compile(
          "\\s*[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}'’.&-]*(\\s+[\\p{L}\\p{M}\\p{N}'’.&-]+)*\\s*");

  private final Map<String, String> written = new HashMap<>();
  private final Pattern spoken;

  /**
   * @param corrections {@code SPOKEN=WRITTEN}, checked; not empty
   */
  SpokenForm(List<String> corrections) {
    for (String correction : corrections) {
      int equals = correction.indexOf('=');
      written.put(key(correction.substring(0, equals)), correction.substring(equals + 1).strip());
    }
    String longestFirst =
        written.keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(
                words ->
                    List.of(words.split(" ")).stream()
                        .map(Pattern::quote)
                        .collect(Collectors.joining("\\s+")))
            .collect(Collectors.joining("|"));
    this.spoken =
        Pattern.compile(
            "(?<![\\p{L}\\p{M}\\p{N}])(?:" + longestFirst + ")(?![\\p{L}\\p{M}\\p{N}])",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }

  static boolean isValid(String words) {
    return WORDS.matcher(words).matches();
  }

  List<Edit> edits(String text) {
    List<Edit> edits = new ArrayList<>();
    Matcher matcher = spoken.matcher(text);
    while (matcher.find()) {
      String correction = Objects.requireNonNull(written.get(key(matcher.group())));
      edits.add(new Edit(matcher.start(), matcher.end(), correction));
    }
    return edits;
  }

  private static String key(String words) {
    return words.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }
}
