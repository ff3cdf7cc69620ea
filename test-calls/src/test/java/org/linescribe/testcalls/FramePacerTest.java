package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FramePacerTest {
  private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 5_000_000_000L);
  private final long startNs = clock.nowNs();

  @Test
  void sendsTheFirstFrameAtOnceAndTheOthersTwentyMillisecondsApart() throws InterruptedException {
    assertThat(framesAtMs(new FramePacer(clock, true), 4, 0)).containsExactly(0L, 20L, 40L, 60L);
  }

  @Test
  void doesNotDriftWhenEachFrameTakesItsTime() throws InterruptedException {
    List<Long> sent = framesAtMs(new FramePacer(clock, true), 100, 7);

    assertThat(sent.get(99)).isEqualTo(99 * 20L);
  }

  @Test
  void catchesUpAfterAPauseAndIsThenOnTimeAgain() throws InterruptedException {
    FramePacer pacer = new FramePacer(clock, true);
    framesAtMs(pacer, 2, 0);
    clock.advanceMs(70);

    assertThat(framesAtMs(pacer, 6, 0)).containsExactly(90L, 90L, 90L, 100L, 120L, 140L);
  }

  @Test
  void waitsForNothingWhenItIsToBeFast() throws InterruptedException {
    assertThat(framesAtMs(new FramePacer(clock, false), 3, 0)).containsExactly(0L, 0L, 0L);
  }

  @Test
  void isInterruptedAtEitherPace() {
    for (boolean realTime : new boolean[] {true, false}) {
      FramePacer pacer = new FramePacer(FrameClock.system(), realTime);
      Thread.currentThread().interrupt();
      assertThatThrownBy(pacer::awaitNext).isInstanceOf(InterruptedException.class);
    }
  }

  private List<Long> framesAtMs(FramePacer pacer, int frames, long eachTakesMs)
      throws InterruptedException {
    List<Long> sent = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      pacer.awaitNext();
      sent.add((clock.nowNs() - startNs) / 1_000_000);
      clock.advanceMs(eachTakesMs);
    }
    return sent;
  }
}
