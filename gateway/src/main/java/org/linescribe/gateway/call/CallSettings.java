package org.linescribe.gateway.call;

import java.time.Duration;

/**
 * Settings under {@code linescribe.call}.
 *
 * @param maxCalls calls at once, further ones get 503; 1 to 30000. Default 500
 * @param retryAfter what a 503 asks for; 1 s to 1 h. Default 5 s
 * @param sessionIdHeader whether a caller may choose its session by {@code X-Session-Id}. Default
 *     true
 * @param answerDelay how long a call rings before it is answered; 0 to 3 min. Default 0
 * @param openTimeout a session that is not open by then costs the call 503; 100 ms to 1 min.
 *     Default 10 s
 * @param ackTimeout an answer that is not acknowledged by then ends the call; 1 s to 1 min. Default
 *     32 s (64·T1, RFC 3261 §13.3.1.4)
 */
public record CallSettings(
    int maxCalls,
    Duration retryAfter,
    boolean sessionIdHeader,
    Duration answerDelay,
    Duration openTimeout,
    Duration ackTimeout) {
  public CallSettings {
    range("max-calls", maxCalls, 1, 30_000);
    range("retry-after", retryAfter, Duration.ofSeconds(1), Duration.ofHours(1));
    range("answer-delay", answerDelay, Duration.ZERO, Duration.ofMinutes(3));
    range("open-timeout", openTimeout, Duration.ofMillis(100), Duration.ofMinutes(1));
    range("ack-timeout", ackTimeout, Duration.ofSeconds(1), Duration.ofMinutes(1));
  }

  public static CallSettings defaults() {
    return new CallSettings(
        500,
        Duration.ofSeconds(5),
        true,
        Duration.ZERO,
        Duration.ofSeconds(10),
        Duration.ofSeconds(32));
  }

  private static <T extends Comparable<T>> void range(String key, T value, T least, T most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "linescribe.call." + key + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }
}
