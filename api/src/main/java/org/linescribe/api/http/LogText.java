package org.linescribe.api.http;

/** What a stranger sent, as it may stand in a log: one line, printable, short. */
public final class LogText {
  private static final int MAX_LENGTH = 200;

  private LogText() {}

  /** Other than printable ASCII becomes {@code ?}: an escape sequence can rewrite a terminal. */
  public static String of(String text) {
    String cut = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "…" : text;
    return cut.replaceAll("[^ -~…]", "?");
  }
}
