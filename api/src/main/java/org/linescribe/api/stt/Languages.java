package org.linescribe.api.stt;

import java.util.regex.Pattern;

/** The syntax of a client's language. Source: BCP 47 (RFC 5646 §2.1), its usual part. */
final class Languages {
  /** The model detects the language. */
  static final String AUTO = "auto";

  private static final Pattern TAG = Pattern.compile("[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,4}");

  private Languages() {}

  static boolean isTag(String text) {
    return TAG.matcher(text).matches();
  }
}
