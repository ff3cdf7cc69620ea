package org.linescribe.asr.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.RecogniserLoad;

class LoadSampleTest {
  private static final long MS = 1_000_000;

  private final LoadSample sample = new LoadSample();
  private final AtomicInteger measured = new AtomicInteger();

  private long backlogMs(long nowNs) {
    return sample
        .get(nowNs, _ -> new RecogniserLoad(1, measured.incrementAndGet(), false))
        .backlogMs();
  }

  @Test
  void isMeasuredOnceForAllWhoAskWithinItsAge() {
    long startNs = Long.MAX_VALUE - 10 * MS;

    assertThat(backlogMs(startNs)).isEqualTo(1);
    assertThat(backlogMs(startNs + 20 * MS)).isEqualTo(1);
    assertThat(backlogMs(startNs + 20 * MS + 1)).isEqualTo(2);
  }
}
