package org.linescribe.testcalls;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times on the command line: {@code 500ms}, {@code 30s}, {@code 5m}. */
public final class Durations {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,7})(ms|s|m)");

  private Durations() {}

  /**
   * @param option for the error's text
   * @throws IllegalArgumentException no time
   */
  public static Duration parse(String option, String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          option + ": '" + text + "' (expected: a time such as 500ms, 30s or 5m)");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      default -> Duration.ofMinutes(number);
    };
  }
}
