package org.linescribe.insights.configuration;

import java.nio.file.Path;
import org.linescribe.insights.Insights;
import org.linescribe.insights.InsightsSettings;
import org.linescribe.insights.openai.OpenAiInsights;
import org.linescribe.insights.openai.OpenAiSettings;
import org.linescribe.insights.rules.RulesInsights;
import org.linescribe.insights.rules.Taxonomy;
import org.linescribe.insights.rules.TaxonomyReader;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the insights that the settings ask for; an invalid taxonomy ends the start. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({InsightsSettings.class, OpenAiSettings.class})
public class InsightsConfiguration {
  @Bean
  Insights insights(InsightsSettings settings, OpenAiSettings openai) {
    Path file = settings.taxonomy();
    Taxonomy taxonomy = file == null ? TaxonomyReader.bundled() : TaxonomyReader.read(file);
    RulesInsights rules =
        new RulesInsights(taxonomy, settings.region(), settings.summarySentences());
    return switch (settings.provider()) {
      case RULES -> rules;
      case OPENAI -> new OpenAiInsights(openai, taxonomy, rules, settings.summarySentences());
    };
  }
}
