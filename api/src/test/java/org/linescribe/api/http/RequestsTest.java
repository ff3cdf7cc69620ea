package org.linescribe.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestsTest {
  @ParameterizedTest
  @CsvSource({
    "2026-01-20T10:30:00Z, 2026-01-20T10:30:00Z",
    "2026-01-20t10:30:00.5z, 2026-01-20T10:30:00.5Z",
    "2026-01-20T10:30:00+02:00, 2026-01-20T08:30:00Z",
    "2026-01-20T10:30:00-00:00, 2026-01-20T10:30:00Z",
    "0362-10-22T20:43:28-23:26, 0362-10-23T20:09:28Z",
    "3047-04-02T14:08:26+19:54, 3047-04-01T18:14:26Z",
  })
  void readsEveryTimeOfRfc3339(String text, Instant time) {
    assertThat(Requests.instant("before", text)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "2026", "2026-01-20", "2026-01-20T10:30:00", "2026-01-20T10:30:00+24:00"})
  void refusesWhatIsNoTime(String text) {
    assertThatThrownBy(() -> Requests.instant("before", text))
        .isInstanceOf(RefusedRequestException.class)
        .hasMessageStartingWith("before: expected a time");
  }
}
