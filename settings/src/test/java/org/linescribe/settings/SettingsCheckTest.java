package org.linescribe.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsCheckTest {
  enum Mode {
    FAST,
    VERY_SLOW
  }

  @SettingsGroup("linescribe.example")
  record Example(
      @Setting("How long.") @Default("250ms") @Range("100ms to 24h") Duration delay,
      @Setting("How many.") @Default("16") @Range("at least 1") int maxItems,
      @Setting("Bytes.") @Default("1048576") @Range("1KB to 1GB") long fileBytes,
      @Setting("Speed.") @Default("very-slow") Mode mode,
      @Setting("Names.") @Default("a, b") List<String> names,
      @Setting("Odds.") @Range("0 to 2") Optional<Double> odds,
      @Setting("Words.") String words) {
    Example {
      SettingsCheck.ranges(Example.class, delay, maxItems, fileBytes, odds);
    }
  }

  @Test
  void readsTheStatedDefaults() {
    assertThat(SettingsDefaults.of(Example.class))
        .isEqualTo(
            new Example(
                Duration.ofMillis(250),
                16,
                1L << 20,
                Mode.VERY_SLOW,
                List.of("a", "b"),
                Optional.empty(),
                ""));
  }

  @Test
  void replacesTheDefaultsThatAreNamed() {
    assertThat(SettingsDefaults.of(Example.class, Map.of("maxItems", 7)).maxItems()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "delay | PT0.099S | linescribe.example.delay: 99ms (expected: 100ms to 24h)",
        "delay | PT25H    | linescribe.example.delay: 25h (expected: 100ms to 24h)",
        "delay | PT0S     | linescribe.example.delay: 0s (expected: 100ms to 24h)",
        "delay | PT24H1M  | linescribe.example.delay: 1441m (expected: 100ms to 24h)"
      })
  void refusesADurationOutsideOfItsRange(String name, Duration value, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SettingsDefaults.of(Example.class, Map.of(name, value)))
        .withMessage(message);
  }

  @Test
  void refusesNumbersOutsideOfTheirRanges() {
    refuses("maxItems", 0, "linescribe.example.max-items: 0 (expected: at least 1)");
    refuses("fileBytes", 1023L, "linescribe.example.file-bytes: 1023 (expected: 1KB to 1GB)");
    refuses(
        "fileBytes",
        (1L << 30) + 1,
        "linescribe.example.file-bytes: 1073741825 (expected: 1KB to 1GB)");
    refuses("odds", Optional.of(2.1), "linescribe.example.odds: 2.1 (expected: 0 to 2)");
  }

  @Test
  void takesBothEndsOfARange() {
    SettingsDefaults.of(Example.class, Map.of("delay", Duration.ofMillis(100), "fileBytes", 1024L));
    SettingsDefaults.of(
        Example.class, Map.of("delay", Duration.ofHours(24), "fileBytes", 1L << 30));
  }

  @Test
  void writesDefaultsByFullKey() {
    assertThat(SettingsDefaults.texts(Example.class))
        .containsEntry("linescribe.example.delay", "250ms")
        .containsEntry("linescribe.example.max-items", "16");
  }

  private static void refuses(String name, Object value, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SettingsDefaults.of(Example.class, Map.of(name, value)))
        .withMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:4318/v1/traces,true",
    "https://hooks.example/a?b=c,true",
    "ftp://hooks.example/,false",
    "https://user:secret@hooks.example/,false",
    "https://hooks.example/#part,false",
    "hooks.example,false",
    "http:///path,false",
    "not a url,false"
  })
  void knowsTheUrlOfAnHttpServer(String text, boolean isOne) {
    assertThat(SettingsCheck.isHttpUrl(text)).isEqualTo(isOne);
  }
}
