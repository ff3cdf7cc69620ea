package org.linescribe.asr.scheduler;

import java.time.Duration;

/**
 * How decoding is scheduled; keys {@code linescribe.asr.*}.
 *
 * @param decodeThreads {@code decode-threads}: platform threads, one ONNX Runtime thread each;
 *     1..256; 0, the default, takes all processors but one, and at least two: a file is decoded in
 *     parts
 * @param maxBatch {@code max-batch}: streams decoded in one call; 1..256, default 16
 * @param maxWait {@code max-wait}: how long a ready stream waits for others to share a batch with;
 *     0..200 ms, default 10 ms
 * @param queueBound {@code queue-bound}: audio that a stream holds undecoded before it refuses
 *     more; 1..300 s, default 10 s
 * @param maxUtterance {@code max-utterance}: an utterance without a pause is split after this long,
 *     between two words; 5..300 s, default 20 s
 * @param idleRenewal {@code idle-renewal}: a native stream that heard only silence is replaced
 *     after this long; 1..600 s, default 10 s (each replacement decodes half a second again)
 * @param saturationBacklog {@code saturation-backlog}: undecoded audio that has waited this long
 *     means that the decoders are behind; ends at half of it; at least 200 ms and at most {@code
 *     queue-bound}, default 2 s
 */
public record SchedulerSettings(
    int decodeThreads,
    int maxBatch,
    Duration maxWait,
    Duration queueBound,
    Duration maxUtterance,
    Duration idleRenewal,
    Duration saturationBacklog) {
  public SchedulerSettings {
    range("decode-threads", decodeThreads, 0, 256);
    if (decodeThreads == 0) {
      decodeThreads = Math.clamp(Runtime.getRuntime().availableProcessors() - 1L, 2, 256);
    }
    range("max-batch", maxBatch, 1, 256);
    range("max-wait", maxWait, Duration.ZERO, Duration.ofMillis(200));
    range("queue-bound", queueBound, Duration.ofSeconds(1), Duration.ofSeconds(300));
    range("max-utterance", maxUtterance, Duration.ofSeconds(5), Duration.ofSeconds(300));
    range("idle-renewal", idleRenewal, Duration.ofSeconds(1), Duration.ofSeconds(600));
    range("saturation-backlog", saturationBacklog, Duration.ofMillis(200), queueBound);
  }

  public static SchedulerSettings defaults() {
    return new SchedulerSettings(
        0,
        16,
        Duration.ofMillis(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofSeconds(10),
        Duration.ofSeconds(2));
  }

  public SchedulerSettings withDecodeThreads(int threads) {
    return new SchedulerSettings(
        threads, maxBatch, maxWait, queueBound, maxUtterance, idleRenewal, saturationBacklog);
  }

  private static void range(String key, int value, int low, int high) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          "linescribe.asr." + key + ": " + value + " (expected: " + low + ".." + high + ")");
    }
  }

  private static void range(String key, Duration value, Duration low, Duration high) {
    if (value.compareTo(low) < 0 || value.compareTo(high) > 0) {
      throw new IllegalArgumentException(
          "linescribe.asr."
              + key
              + ": "
              + value.toMillis()
              + " ms (expected: "
              + low.toMillis()
              + ".."
              + high.toMillis()
              + " ms)");
    }
  }
}
