package org.linescribe.session.calls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A leg's quality over time, and who is told of it. */
class QualityHistoryTest {
  private static final QualityThresholds.Watch NOBODY = QualityThresholds.NONE.watch();

  private static LegQuality total(long received, long lost) {
    return new LegQuality("caller", "pcmu", received, lost, 0, 0, 1, 0);
  }

  @Test
  void aSampleIsOfItsStretchNotOfTheCall() {
    QualityHistory history = new QualityHistory();

    assertThat(history.add(5000, total(250, 0)).orElseThrow().lossPercent()).isZero();
    assertThat(history.add(10_000, total(375, 125)).orElseThrow().lossPercent()).isEqualTo(50);
    assertThat(history.add(15_000, total(625, 125)).orElseThrow().lossPercent()).isZero();

    assertThat(history.samples())
        .extracting(QualitySample::atMs)
        .containsExactly(5000L, 10_000L, 15_000L);
    assertThat(history.samples().get(1).mos()).isLessThan(2);
  }

  @Test
  void aStretchOfFewPacketsGoesOn() {
    QualityHistory history = new QualityHistory();

    assertThat(history.add(5000, total(2, 1))).isEmpty();
    assertThat(history.add(10_000, total(2, 1))).isEmpty();
    assertThat(history.add(15_000, total(99, 1)).orElseThrow().lossPercent()).isEqualTo(1);
  }

  @Test
  void aLongCallKeepsABoundedNumberAndItsWorstMoment() {
    QualityHistory history = new QualityHistory();
    long received = 0;
    long lost = 0;
    int stretches = 10_000;
    for (int i = 1; i <= stretches; i++) {
      boolean bad = i == 3333;
      received += bad ? 150 : 250;
      lost += bad ? 100 : 0;
      history.add(i * 5000L, total(received, lost));

      assertThat(history.samples()).hasSizeLessThanOrEqualTo(QualityHistory.MAX_SAMPLES);
    }

    List<QualitySample> kept = history.samples();
    assertThat(kept).hasSizeGreaterThanOrEqualTo(QualityHistory.MAX_SAMPLES / 2);
    assertThat(kept.getLast().atMs()).isEqualTo(stretches * 5000L);
    assertThat(kept).extracting(QualitySample::atMs).isSorted();
    assertThat(kept).filteredOn(sample -> sample.lossPercent() == 40).hasSize(1);
  }

  @Test
  void aLineThatComesAndGoesIsToldOnceEachWay() {
    QualityThresholds.Watch watch = new QualityThresholds(3.6, 5).watch();
    List<QualityAlert.Direction> told = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      watch.after(new QualitySample(i, 0, 1)).ifPresent(told::add);
      watch.after(new QualitySample(i, 20, 1)).ifPresent(told::add);
    }

    assertThat(told)
        .containsExactly(QualityAlert.Direction.DEGRADED, QualityAlert.Direction.RECOVERED);
  }

  @Test
  void eachThresholdCountsAloneAndZeroIsNone() {
    QualitySample lossy = new QualitySample(0, 6, 1);
    QualitySample jittery = new QualitySample(0, 0, 400);

    assertThat(new QualityThresholds(0, 5).watch().after(lossy)).isPresent();
    assertThat(new QualityThresholds(0, 5).watch().after(jittery)).isEmpty();
    assertThat(new QualityThresholds(3.6, 0).watch().after(jittery)).isPresent();
    assertThat(NOBODY.after(lossy)).isEmpty();
    assertThat(NOBODY.after(jittery)).isEmpty();
  }
}
