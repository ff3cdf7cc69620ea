package org.linescribe.insights.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.insights.Insights;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

public class InsightsConfigurationTest {
  private final ApplicationContextRunner context =
      new ApplicationContextRunner().withUserConfiguration(InsightsConfiguration.class);

  @Test
  void answersByRulesWhenNothingIsSaid() {
    context.run(
        started -> {
          assertThat(started).hasNotFailed();
          assertThat(started.getBean(Insights.class).provider()).isEqualTo("rules");
        });
  }

  @Test
  void asksAModelWhenTheSettingsNameOne() {
    context
        .withPropertyValues(
            "linescribe.insights.provider=openai",
            "linescribe.insights.openai.base-url=http://localhost:11434/v1",
            "linescribe.insights.openai.prompts.summary=Be brief.")
        .run(
            started -> {
              assertThat(started).hasNotFailed();
              assertThat(started.getBean(Insights.class).provider()).isEqualTo("openai");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "region=XX | linescribe.insights.region: XX (expected: ISO 3166-1 code",
        "summary-sentences=0 | linescribe.insights.summary-sentences: 0 (expected: 1 to 20)",
        "taxonomy=/nowhere/calls.yaml | calls.yaml: cannot be read",
        "openai.attempts=0 | linescribe.insights.openai.attempts: 0 (expected: 1 to 10)",
        "openai.base-url=ftp://x/y | linescribe.insights.openai.base-url: ftp://x/y",
        "openai.temperature=3 | linescribe.insights.openai.temperature",
        "openai.prompts.colour=x | linescribe.insights.openai.prompts",
        "provider=oracle | linescribe.insights.provider",
      })
  void refusesAWrongSettingAtStart(String setting, String why) {
    context
        .withPropertyValues("linescribe.insights." + setting)
        .run(
            failed ->
                assertThat(failed)
                    .getFailure()
                    .satisfies(
                        thrown -> {
                          StringBuilder all = new StringBuilder();
                          for (Throwable t = thrown; t != null; t = t.getCause()) {
                            all.append(t.getMessage()).append('\n');
                          }
                          assertThat(all.toString().replace("'", "")).contains(why);
                        }));
  }
}
