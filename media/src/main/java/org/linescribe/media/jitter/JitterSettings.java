package org.linescribe.media.jitter;

import java.time.Duration;

/**
 * The waits of a {@link JitterBuffer}.
 *
 * @param reorderWait how long a packet that came waits for one that is missing before it; 0 to 500
 *     ms, default 60 ms
 * @param silencePatience how long nothing may come from a source whose audio ended in a pause
 *     before its time is taken for silence; 0 to 10 s, default 1.5 s
 * @param stallPatience the same for a source whose audio broke off in the middle of speech; 0 to 10
 *     s, default 6 s. A stall of the network that is shorter leaves no trace in the timeline
 * @param concealLosses whether the first 60 ms of lost audio are made up from what was before, and
 *     not silence
 */
public record JitterSettings(
    Duration reorderWait, Duration silencePatience, Duration stallPatience, boolean concealLosses) {
  public static final Duration DEFAULT_REORDER_WAIT = Duration.ofMillis(60);
  public static final Duration DEFAULT_SILENCE_PATIENCE = Duration.ofMillis(1500);
  public static final Duration DEFAULT_STALL_PATIENCE = Duration.ofSeconds(6);

  public JitterSettings {
    require("reorderWait", reorderWait, 500);
    require("silencePatience", silencePatience, 10_000);
    require("stallPatience", stallPatience, 10_000);
  }

  /** Without concealment. */
  public JitterSettings(Duration reorderWait, Duration silencePatience, Duration stallPatience) {
    this(reorderWait, silencePatience, stallPatience, false);
  }

  public static JitterSettings defaults() {
    return new JitterSettings(
        DEFAULT_REORDER_WAIT, DEFAULT_SILENCE_PATIENCE, DEFAULT_STALL_PATIENCE);
  }

  private static void require(String name, Duration value, int mostMs) {
    if (value.isNegative() || value.toMillis() > mostMs) {
      throw new IllegalArgumentException(
          name + ": " + value.toMillis() + " ms (expected: 0.." + mostMs + " ms)");
    }
  }
}
