package org.linescribe.api.insights.openai;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The endpoint and how it is asked, {@code linescribe.insights.openai.*}.
 *
 * @param baseUrl where {@code chat/completions} lies: http or https. Plain http with a key is
 *     allowed to this machine only
 * @param apiKey sent as bearer token; empty for an endpoint that wants none. Never logged
 * @param model the endpoint's name of the model
 * @param targetLanguage BCP 47 tag of what is translated into
 * @param temperature 0 to 2, or not sent: some models refuse it
 * @param timeout for one answer, 1 s to 10 min
 * @param attempts how often a request is tried in all, 1 to 10
 * @param retryAtMost longest wait before the next attempt, also when the endpoint asks for more: 0
 *     to 5 min
 * @param maxInputChars longest transcript that is sent, 1000 to 10,000,000
 * @param chunkChars length of the parts in which a transcript is translated, 200 to 100,000
 * @param prompts instructions in place of the bundled ones, by step: translation, entities,
 *     classification, qa, summary
 */
public record OpenAiSettings(
    @DefaultValue("https://api.openai.com/v1") URI baseUrl,
    @DefaultValue("") String apiKey,
    @DefaultValue("gpt-4o-mini") String model,
    @DefaultValue("en") String targetLanguage,
    Optional<Double> temperature,
    @DefaultValue("60s") Duration timeout,
    @DefaultValue("3") int attempts,
    @DefaultValue("20s") Duration retryAtMost,
    @DefaultValue("100000") int maxInputChars,
    @DefaultValue("2000") int chunkChars,
    @DefaultValue Map<String, String> prompts) {
  private static final String KEY = "linescribe.insights.openai.";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Set<String> STEPS =
      Set.of("translation", "entities", "classification", "qa", "summary");

  public OpenAiSettings {
    String host = baseUrl.getHost();
    boolean https = "https".equals(baseUrl.getScheme());
    require(
        host != null && (https || "http".equals(baseUrl.getScheme())),
        "base-url",
        baseUrl,
        "an http or https URL");
    require(
        https || apiKey.isEmpty() || LOOPBACK.contains(host),
        "base-url",
        baseUrl,
        "https where an API key goes to another machine");
    require(
        apiKey.chars().allMatch(c -> c > ' ' && c < 0x7f),
        "api-key",
        "(hidden)",
        "visible ASCII characters");
    require(!model.isBlank(), "model", "''", "the endpoint's name of a model");
    require(
        temperature.isEmpty() || (temperature.get() >= 0 && temperature.get() <= 2),
        "temperature",
        temperature,
        "0 to 2");
    require(
        timeout.compareTo(Duration.ofSeconds(1)) >= 0
            && timeout.compareTo(Duration.ofMinutes(10)) <= 0,
        "timeout",
        timeout,
        "1s to 10m");
    require(attempts >= 1 && attempts <= 10, "attempts", attempts, "1 to 10");
    require(
        !retryAtMost.isNegative() && retryAtMost.compareTo(Duration.ofMinutes(5)) <= 0,
        "retry-at-most",
        retryAtMost,
        "0 to 5m");
    require(
        maxInputChars >= 1000 && maxInputChars <= 10_000_000,
        "max-input-chars",
        maxInputChars,
        "1000 to 10000000");
    require(chunkChars >= 200 && chunkChars <= 100_000, "chunk-chars", chunkChars, "200 to 100000");
    require(STEPS.containsAll(prompts.keySet()), "prompts", prompts.keySet(), "of " + STEPS);
    prompts = Map.copyOf(prompts);
  }

  private static void require(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          KEY + key + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "OpenAiSettings[baseUrl=" + baseUrl + ", model=" + model + "]";
  }
}
