package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.system.ProgramDescription.SettingInForce;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** What the console shows of the settings. */
class SettingsInForceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "linescribe.mysql.password          | hunter2                              | (hidden)",
        "linescribe.insights.openai.api-key | sk-1                                 | (hidden)",
        "linescribe.tracing.headers         | Authorization=Bearer x               | (hidden)",
        "linescribe.mysql.url               | jdbc:mysql://db:3306/x               |"
            + " jdbc:mysql://db:3306/x",
        "linescribe.mysql.url | jdbc:mysql://u:p@db/x?useSSL=true&password=p |"
            + " jdbc:mysql://***@db/x?useSSL=true&password=***",
        "linescribe.redis.url               | redis://:hunter2@redis:6379          |"
            + " redis://***@redis:6379",
        "linescribe.redis.url               | redis://user:pa/ss@redis:6379        |"
            + " redis://***@redis:6379",
        "linescribe.http                    | 127.0.0.1:8000                       | 127.0.0.1:8000"
      })
  void hidesSecrets(String key, String value, String shown) {
    assertThat(SettingsInForce.shown(key, value)).isEqualTo(shown);
  }

  @Test
  void tellsWhatDiffersFromTheDefaults() {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("test", Map.of("linescribe.drain", "3s")));
    assertThat(SettingsInForce.of(environment))
        .hasSizeGreaterThan(50)
        .filteredOn(SettingInForce::changed)
        .singleElement()
        .satisfies(
            setting -> {
              assertThat(setting.key()).isEqualTo("linescribe.drain");
              assertThat(setting.value()).isEqualTo("3s");
              assertThat(setting.byDefault()).isEqualTo("10s");
            });
  }
}
