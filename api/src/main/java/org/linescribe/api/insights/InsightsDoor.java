package org.linescribe.api.insights;

import java.nio.file.Path;
import org.linescribe.api.Door;
import org.linescribe.api.insights.openai.OpenAiInsights;
import org.linescribe.api.insights.rules.RulesInsights;
import org.linescribe.api.insights.rules.Taxonomy;
import org.linescribe.api.insights.rules.TaxonomyReader;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Makes the insights that the settings ask for; a wrong taxonomy ends the start. */
@Door
@EnableConfigurationProperties(InsightsSettings.class)
class InsightsDoor {
  @Bean
  Insights insights(InsightsSettings settings) {
    Path file = settings.taxonomy();
    Taxonomy taxonomy = file == null ? TaxonomyReader.bundled() : TaxonomyReader.read(file);
    RulesInsights rules =
        new RulesInsights(taxonomy, settings.region(), settings.summarySentences());
    return switch (settings.provider()) {
      case RULES -> rules;
      case OPENAI ->
          new OpenAiInsights(settings.openai(), taxonomy, rules, settings.summarySentences());
    };
  }
}
