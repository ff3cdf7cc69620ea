package org.linescribe.asr.offline;

import java.time.Duration;

/**
 * How whole-utterance models are made to stream; keys {@code linescribe.providers.whisper.*}.
 *
 * @param decodeThreads {@code decode-threads}: platform threads that decode, 1..64; 0, the default,
 *     takes half of the processors
 * @param buffer {@code buffer}: audio between two decodings of an open utterance, 200 ms..10 s,
 *     default 1 s
 * @param overlap {@code overlap}: audio that two windows of a long utterance share, 0..2 s, default
 *     200 ms
 * @param window {@code window}: the most audio decoded at once, buffer..28 s, default 12 s. The
 *     longer, the fewer words are heard without what surrounds them; equal to the buffer it makes
 *     chunks of a second as simple Whisper servers do, at the price that OfflineAccuracyTest shows
 * @param maxUtterance {@code max-utterance}: an utterance without a pause is split after this long,
 *     5..300 s, default 24 s
 * @param queueBound {@code queue-bound}: audio that a stream holds before it refuses more, 1..300
 *     s, default 10 s
 */
public record OfflineSettings(
    int decodeThreads,
    Duration buffer,
    Duration overlap,
    Duration window,
    Duration maxUtterance,
    Duration queueBound) {
  public OfflineSettings {
    if (decodeThreads < 0 || decodeThreads > 64) {
      throw new IllegalArgumentException(
          "linescribe.providers.whisper.decode-threads: " + decodeThreads + " (expected: 0..64)");
    }
    if (decodeThreads == 0) {
      decodeThreads = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 64);
    }
    range("buffer", buffer, 200, 10_000);
    range("overlap", overlap, 0, Math.min(2000, buffer.toMillis() / 2));
    range("window", window, buffer.toMillis(), 28_000);
    range("max-utterance", maxUtterance, 5000, 300_000);
    range("queue-bound", queueBound, 1000, 300_000);
  }

  public static OfflineSettings defaults() {
    return new OfflineSettings(
        0,
        Duration.ofSeconds(1),
        Duration.ofMillis(200),
        Duration.ofSeconds(12),
        Duration.ofSeconds(24),
        Duration.ofSeconds(10));
  }

  public OfflineSettings withWindow(Duration value) {
    return new OfflineSettings(decodeThreads, buffer, overlap, value, maxUtterance, queueBound);
  }

  private static void range(String key, Duration value, long lowestMs, long highestMs) {
    if (value.toMillis() < lowestMs || value.toMillis() > highestMs) {
      throw new IllegalArgumentException(
          "linescribe.providers.whisper."
              + key
              + ": "
              + value.toMillis()
              + " ms (expected: "
              + lowestMs
              + ".."
              + highestMs
              + " ms)");
    }
  }
}
