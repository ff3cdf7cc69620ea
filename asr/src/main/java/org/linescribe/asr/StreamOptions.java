package org.linescribe.asr;

import java.time.Duration;
import java.util.Optional;

/**
 * What one leg asks of the recogniser.
 *
 * @param endpointSilence silence after speech that ends an utterance; 100 ms to 10 s
 * @param language BCP 47 tag of what is spoken, or empty for the model's own; a recogniser that was
 *     not {@linkplain Recogniser#prepare prepared} for it finds out by itself
 * @param hotwords what is expected to be said, for recognisers that take it
 */
public record StreamOptions(
    Duration endpointSilence, Optional<String> language, Hotwords hotwords) {
  public static final Duration DEFAULT_ENDPOINT_SILENCE = Duration.ofMillis(800);

  public StreamOptions {
    if (endpointSilence.compareTo(Duration.ofMillis(100)) < 0
        || endpointSilence.compareTo(Duration.ofSeconds(10)) > 0) {
      throw new IllegalArgumentException(
          "endpointSilence: " + endpointSilence.toMillis() + " ms (expected: 100..10000 ms)");
    }
  }

  /** Without hotwords. */
  public StreamOptions(Duration endpointSilence, Optional<String> language) {
    this(endpointSilence, language, Hotwords.NONE);
  }

  public static StreamOptions defaults() {
    return new StreamOptions(DEFAULT_ENDPOINT_SILENCE, Optional.empty());
  }
}
