package org.linescribe.testcalls;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Headers of the WebSocket handshakes, including the API key. */
final class HandshakeHeaders {
  /** Environment variable with the key, used when the command line has none. */
  static final String KEY_VARIABLE = "LINESCRIBE_KEY";

  private static final String AUTHORIZATION = "Authorization";

  private HandshakeHeaders() {}

  /**
   * @param headers {@code NAME:VALUE}; an Authorization header overrides the environment's key
   * @param key from the command line; null for none
   * @param environmentKey null or empty for none
   * @throws IllegalArgumentException a header or key is malformed; the message never contains the
   *     value
   */
  static Map<String, String> of(
      List<String> headers, @Nullable String key, @Nullable String environmentKey) {
    Map<String, String> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String header : headers) {
      int colon = header.indexOf(':');
      if (colon < 1) {
        throw new IllegalArgumentException("--header: expected NAME:VALUE");
      }
      map.put(header.substring(0, colon).strip(), header.substring(colon + 1).strip());
    }
    if (key != null) {
      if (map.put(AUTHORIZATION, bearer(key, "--key")) != null) {
        throw new IllegalArgumentException(
            "--key and --header Authorization: expected one of them");
      }
    } else if (environmentKey != null && !environmentKey.isEmpty()) {
      map.putIfAbsent(AUTHORIZATION, bearer(environmentKey, KEY_VARIABLE));
    }
    return map;
  }

  private static String bearer(String key, String source) {
    if (!key.matches("[!-~]{1,512}")) {
      throw new IllegalArgumentException(
          source + ": expected 1 to 512 printable ASCII characters without blanks");
    }
    return "Bearer " + key;
  }
}
