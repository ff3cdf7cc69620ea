package org.linescribe.gateway.sip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogLimiterTest {
  private final AtomicLong nowNs = new AtomicLong();
  private final LogLimiter limiter = new LogLimiter(nowNs::get);
  private final List<String> lines = new ArrayList<>();

  private void log(int times) {
    for (int i = 0; i < times; i++) {
      limiter.log(suffix -> lines.add("refused" + suffix));
    }
  }

  @Test
  void writesTenLinesInASecondAndThenHowManyItHeldBack() {
    log(1000);
    assertThat(lines).hasSize(10).containsOnly("refused");
    lines.clear();

    nowNs.addAndGet(1_000_000_001L);
    log(2);

    assertThat(lines).containsExactly("refused (990 similar lines suppressed)", "refused");
  }

  @Test
  void aQuietTimeSavesNothingUp() {
    nowNs.addAndGet(3_600_000_000_000L);
    log(1000);

    assertThat(lines).hasSize(10);
  }
}
