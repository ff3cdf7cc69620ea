package org.linescribe.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogGateTest {
  @Test
  void letsOneLinePassAndTheNextSaysHowManyWereHeldBack() {
    AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 1);
    LogGate gate = new LogGate(Duration.ofSeconds(10), nowNs::get);
    List<Long> lines = new ArrayList<>();

    for (int i = 0; i < 1000; i++) {
      gate.log(lines::add);
    }
    nowNs.addAndGet(10_000_000_000L);
    gate.log(lines::add);
    gate.log(lines::add);

    assertThat(lines).containsExactly(0L, 999L);
  }
}
