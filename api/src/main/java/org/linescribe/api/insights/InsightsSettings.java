package org.linescribe.api.insights;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.insights.openai.OpenAiSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who answers, {@code linescribe.insights.*}.
 *
 * @param provider "rules" (no network) or "openai"
 * @param region ISO 3166-1 alpha-2 code of the country whose phone numbers come without a prefix
 * @param taxonomy YAML file of categories, checklist and words, or empty for the bundled one
 * @param summarySentences how long a summary may be, 1 to 20
 */
@ConfigurationProperties("linescribe.insights")
public record InsightsSettings(
    @DefaultValue("rules") Provider provider,
    @DefaultValue("US") String region,
    @Nullable Path taxonomy,
    @DefaultValue("3") int summarySentences,
    @DefaultValue OpenAiSettings openai) {
  /** The implementations. */
  public enum Provider {
    RULES,
    OPENAI
  }

  private static final Set<String> REGIONS = Set.of(Locale.getISOCountries());

  public InsightsSettings {
    if (!REGIONS.contains(region)) {
      throw new IllegalArgumentException(
          "linescribe.insights.region: "
              + region
              + " (expected: ISO 3166-1 code of a country, \"US\")");
    }
    if (summarySentences < 1 || summarySentences > 20) {
      throw new IllegalArgumentException(
          "linescribe.insights.summary-sentences: " + summarySentences + " (expected: 1 to 20)");
    }
  }
}
