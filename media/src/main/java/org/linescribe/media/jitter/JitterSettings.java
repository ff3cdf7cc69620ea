package org.linescribe.media.jitter;

import java.time.Duration;

/**
 * @param window how long a packet that came waits for one that is missing before it, and how late a
 *     source may be before its time is taken for silence; 0 to 500 ms, default 60 ms
 */
public record JitterSettings(Duration window) {
  public static final Duration DEFAULT_WINDOW = Duration.ofMillis(60);

  public JitterSettings {
    if (window.isNegative() || window.compareTo(Duration.ofMillis(500)) > 0) {
      throw new IllegalArgumentException(
          "window: " + window.toMillis() + " ms (expected: 0..500 ms)");
    }
  }

  public static JitterSettings defaults() {
    return new JitterSettings(DEFAULT_WINDOW);
  }
}
