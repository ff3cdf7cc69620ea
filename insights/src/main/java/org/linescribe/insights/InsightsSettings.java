package org.linescribe.insights;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Who analyses transcripts. */
@ConfigurationProperties("linescribe.insights")
@SettingsGroup("linescribe.insights")
public record InsightsSettings(
    @Setting("rules (no network) or openai (any OpenAI-compatible endpoint).")
        @DefaultValue("rules")
        Provider provider,
    @Setting("ISO 3166-1 code of the country whose phone numbers come without a prefix.")
        @DefaultValue("US")
        String region,
    @Setting("YAML file of categories, checklist and words; not set: the bundled one.")
        @Nullable Path taxonomy,
    @Setting("Sentences of a summary at most.") @Range("1 to 20") @DefaultValue("3")
        int summarySentences) {
  /** The implementations. */
  public enum Provider {
    RULES,
    OPENAI
  }

  private static final Set<String> REGIONS = Set.of(Locale.getISOCountries());

  public InsightsSettings {
    SettingsCheck.ranges(InsightsSettings.class, summarySentences);
    SettingsCheck.require(
        REGIONS.contains(region),
        "linescribe.insights.region",
        region,
        "ISO 3166-1 code of a country, \"US\"");
  }
}
