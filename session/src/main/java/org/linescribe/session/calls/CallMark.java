package org.linescribe.session.calls;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A moment of a call that somebody found worth noting. It is an attribute of the session, so that
 * it is as durable as the transcript: {@code mark.12340} with the text as its value.
 *
 * @param atMs on the session's timeline, in milliseconds
 * @param text 0 to {@value #MAX_TEXT_CHARACTERS} characters
 */
public record CallMark(long atMs, String text) {
  public static final int MAX_TEXT_CHARACTERS = 200;

  /** A session has at most 32 attributes, about ten of them its call's. */
  public static final int MAX_MARKS = 16;

  private static final String PREFIX = "mark.";
  private static final Pattern KEY = Pattern.compile("mark\\.(\\d{1,15})");

  public CallMark {
    if (atMs < 0 || text.length() > MAX_TEXT_CHARACTERS) {
      throw new IllegalArgumentException(
          "mark: at %d ms, %d characters (expected: from 0, at most %d)"
              .formatted(atMs, text.length(), MAX_TEXT_CHARACTERS));
    }
  }

  public String key() {
    return PREFIX + atMs;
  }

  public String value() {
    return text;
  }

  /** Whether an attribute is a mark. */
  public static boolean isMark(String key) {
    return KEY.matcher(key).matches();
  }

  /** The marks among a session's attributes, in the order of their time. */
  public static List<CallMark> of(Map<String, String> attributes) {
    return attributes.entrySet().stream()
        .flatMap(entry -> of(entry.getKey(), entry.getValue()).stream())
        .sorted(Comparator.comparingLong(CallMark::atMs))
        .toList();
  }

  private static Optional<CallMark> of(String key, String value) {
    Matcher matcher = KEY.matcher(key);
    return matcher.matches() && value.length() <= MAX_TEXT_CHARACTERS
        ? Optional.of(new CallMark(Long.parseLong(matcher.group(1)), value))
        : Optional.empty();
  }
}
