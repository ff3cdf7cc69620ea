package org.linescribe.session.numbering;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.session.SessionSettings;

class SourceTimersTest {
  private static final long FLUSH_MS = SessionSettings.defaults().flushTime().toMillis();

  private final SourceTimers timers = new SourceTimers(SessionSettings.defaults(), 0);

  @Test
  void anEndMayTakeTheFlushTime() {
    assertThat(isOverdue(1_000_000, 0, 0)).isFalse();
    timers.closing(1_000_000);

    assertThat(isOverdue(1_000_000 + FLUSH_MS, 0, 0)).isFalse();
    assertThat(isOverdue(1_000_001 + FLUSH_MS, 0, 0)).isTrue();
  }

  @Test
  void decodersThatAreBehindGetTheTimeThatTheyNeedAndNoMoreThanAMinute() {
    timers.closing(0);
    assertThat(isOverdue(0, 5000, 10_000)).isFalse();

    assertThat(isOverdue(FLUSH_MS + 20_000, 5000, 10_000)).isFalse();
    assertThat(isOverdue(FLUSH_MS + 20_001, 5000, 10_000)).isTrue();
    assertThat(isOverdue(60_000, 5000, 1_000_000)).isFalse();
    assertThat(isOverdue(60_001, 5000, 1_000_000)).isTrue();
  }

  /** At any speed of the decoders, the slowest a second of audio in five. */
  @ParameterizedTest
  @ValueSource(doubles = {5, 2, 1, 0.5, 0.2})
  void anEndThatMakesProgressIsNeverOverdue(double speed) {
    timers.closing(0);

    for (long nowMs = 0; ; nowMs += 50) {
      long left = 10_000 - (long) (nowMs * speed);
      if (left <= 0) {
        break;
      }
      assertThat(isOverdue(nowMs, left, left)).as("at %d ms", nowMs).isFalse();
    }
  }

  @Test
  void aResultIsProgress() {
    timers.closing(0);
    assertThat(isOverdue(0, 0, 0)).isFalse();

    timers.progressed(4000);

    assertThat(isOverdue(4000 + FLUSH_MS, 0, 0)).isFalse();
    assertThat(isOverdue(4001 + FLUSH_MS, 0, 0)).isTrue();
  }

  private boolean isOverdue(long nowMs, long ownBacklogMs, long backlogMs) {
    return timers.isOverdue(nowMs, ownBacklogMs, () -> backlogMs);
  }
}
