package org.linescribe.gateway.digest;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of a challenge or of credentials, read from an untrusted header value.
 *
 * @param values by name in lower case, without quotes
 */
record DigestFields(Map<String, String> values) {
  private static final int MAX_CHARACTERS = 4096;
  private static final String SCHEME = "digest ";

  DigestFields {
    values = Map.copyOf(values);
  }

  /** Empty when it is of another scheme, malformed or too long. Source: RFC 7616 §3.3, §3.4. */
  static Optional<DigestFields> parse(String header) {
    String text = header.strip();
    if (text.length() > MAX_CHARACTERS
        || !text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    int at = SCHEME.length();
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      if (equals < 0) {
        return Optional.empty();
      }
      String name = text.substring(at, equals).strip().toLowerCase(Locale.ROOT);
      int from = equals + 1;
      while (from < text.length() && text.charAt(from) == ' ') {
        from++;
      }
      StringBuilder value = new StringBuilder();
      at = read(text, from, value);
      if (at < 0 || name.isEmpty() || values.put(name, value.toString()) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(new DigestFields(values));
  }

  /** Returns the position behind the value and its comma, -1 when it is malformed. */
  private static int read(String text, int from, StringBuilder value) {
    int at = from;
    boolean isQuoted = at < text.length() && text.charAt(at) == '"';
    if (isQuoted) {
      at++;
      while (at < text.length() && text.charAt(at) != '"') {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at++));
      }
      if (at == text.length()) {
        return -1;
      }
      at++;
    }
    int comma = text.indexOf(',', at);
    int end = comma < 0 ? text.length() : comma;
    String rest = text.substring(at, end).strip();
    if (isQuoted && !rest.isEmpty()) {
      return -1;
    }
    value.append(isQuoted ? "" : rest);
    return comma < 0 ? end : comma + 1;
  }

  String get(String name) {
    return values.getOrDefault(name, "");
  }
}
