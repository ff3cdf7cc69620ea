package org.linescribe.gateway.sip;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionTimerTest {
  /** RFC 4028 §10: the smaller of 32 seconds and a third before it. */
  @ParameterizedTest
  @CsvSource({"90, 60", "96, 64", "1800, 1768"})
  void givesTheCallUpSlightlyBeforeTheSessionExpires(int intervalSeconds, int limitSeconds) {
    assertThat(SessionTimer.limit(intervalSeconds)).isEqualTo(Duration.ofSeconds(limitSeconds));
  }
}
