package org.linescribe.insights.openai;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The language model's endpoint and how it is asked. */
@ConfigurationProperties("linescribe.insights.openai")
@SettingsGroup("linescribe.insights.openai")
public record OpenAiSettings(
    @Setting(
            "Where chat/completions lies: http or https. Plain http with a key is allowed to this"
                + " machine only.")
        @DefaultValue("https://api.openai.com/v1")
        URI baseUrl,
    @Setting("Bearer token; empty for an endpoint that wants none. Never logged.") @DefaultValue("")
        String apiKey,
    @Setting("The endpoint's name of the model.") @DefaultValue("gpt-4o-mini") String model,
    @Setting("BCP 47 tag of the language to translate into.") @DefaultValue("en")
        String targetLanguage,
    @Setting("Sampling temperature; not sent when unset, as some models refuse it.")
        @Range("0 to 2")
        Optional<Double> temperature,
    @Setting("Longest wait for one answer.") @Range("1s to 10m") @DefaultValue("60s")
        Duration timeout,
    @Setting("How often a request is tried in all.") @Range("1 to 10") @DefaultValue("3")
        int attempts,
    @Setting("Longest wait before the next attempt, also when the endpoint asks for more.")
        @Range("0s to 5m")
        @DefaultValue("20s")
        Duration retryAtMost,
    @Setting("Longest transcript that is sent, in characters.")
        @Range("1000 to 10000000")
        @DefaultValue("100000")
        int maxInputChars,
    @Setting("Length of the pieces in which a transcript is translated, in characters.")
        @Range("200 to 100000")
        @DefaultValue("2000")
        int chunkChars,
    @Setting(
            "Instructions in place of the bundled ones, by step: translation, entities,"
                + " classification, qa, summary.")
        @DefaultValue
        Map<String, String> prompts) {
  private static final String KEY = "linescribe.insights.openai.";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  public OpenAiSettings {
    SettingsCheck.ranges(
        OpenAiSettings.class,
        temperature,
        timeout,
        attempts,
        retryAtMost,
        maxInputChars,
        chunkChars);
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
        Questions.names().containsAll(prompts.keySet()),
        "prompts",
        prompts.keySet(),
        "of " + Questions.names());
    prompts = Map.copyOf(prompts);
  }

  private static void require(boolean holds, String key, Object value, String expected) {
    SettingsCheck.require(holds, KEY + key, value, expected);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "OpenAiSettings[baseUrl=" + baseUrl + ", model=" + model + "]";
  }
}
