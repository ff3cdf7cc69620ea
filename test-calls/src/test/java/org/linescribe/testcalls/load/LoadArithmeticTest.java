package org.linescribe.testcalls.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.PartialGaps;
import org.linescribe.testcalls.Percentiles;
import org.linescribe.testcalls.SequenceCheck;

/** When calls begin, what bounds they meet, and how a limit is searched. */
class LoadArithmeticTest {
  private static final long S = 1_000_000_000L;

  @Test
  void linesBeginOverTheRampAndGoOnByTheClockAlone() {
    Schedule schedule =
        Schedule.of(2, Duration.ofSeconds(4), Duration.ofSeconds(10), List.of(5 * S, 3 * S));

    assertThat(schedule.calls())
        .filteredOn(call -> call.line() == 0)
        .extracting(Schedule.Call::dueNs, Schedule.Call::recording, Schedule.Call::measured)
        .containsExactly(
            tuple(0, 0, false), tuple(6, 1, true), tuple(10, 0, true), tuple(16, 1, false));
    assertThat(schedule.calls())
        .filteredOn(call -> call.line() == 1)
        .extracting(Schedule.Call::dueNs, Schedule.Call::recording, Schedule.Call::measured)
        .startsWith(tuple(2, 1, false), tuple(6, 0, true), tuple(12, 1, true));
    assertThat(schedule.calls()).extracting(Schedule.Call::dueNs).isSorted();
  }

  private static Tuple tuple(long dueS, int recording, boolean measured) {
    return Tuple.tuple(dueS * S, recording, measured);
  }

  @Test
  void aHoldInWhichALineMayBeginNoCallIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Schedule.of(1, Duration.ZERO, Duration.ofSeconds(5), List.of(3 * S, 5 * S)))
        .withMessage(
            "--hold: 5000 ms (expected: at least 6000 ms, a second more than the longest"
                + " recording)");
  }

  @ParameterizedTest
  @CsvSource({"1, 1000, 37", "10, 1000, 37", "1, 1000, 1", "50, 1000, 49", "1, 64, 33"})
  void theSearchEndsWithinATenthBelowTheLimit(int first, int most, int limit) {
    LimitSearch search = new LimitSearch(first, most);
    List<Integer> tried = new ArrayList<>();
    while (search.next() != 0) {
      tried.add(search.next());
      search.ended(search.next() <= limit);
    }

    assertThat(search.limit()).as("%s", tried).isBetween(limit - limit / 10, limit);
    assertThat(search.isCutOff()).isFalse();
    assertThat(tried).doesNotHaveDuplicates().hasSizeLessThan(16);
  }

  @Test
  void theSearchStopsAtTheMostThatItMayTry() {
    LimitSearch search = new LimitSearch(30, 100);
    while (search.next() != 0) {
      search.ended(true);
    }

    assertThat(search.limit()).isEqualTo(100);
    assertThat(search.isCutOff()).isTrue();
  }

  @Test
  void aStageThatNeverMeetsItsBoundsHasNoLimit() {
    LimitSearch search = new LimitSearch(8, 100);
    while (search.next() != 0) {
      search.ended(false);
    }

    assertThat(search.limit()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"final-p95", "final-p96=1s", "setup=1s", "final-p95=1", "final-p95=1h", ""})
  void aBoundThatIsNoneIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.parse(text))
        .withMessageContaining("--slo: '");
  }

  @Test
  void aStageMissesABoundThatIsExceededOrNotMeasured() {
    StageResult stage = stage(CallReport.Outcome.TRANSCRIBED, 900.0, 1600.0);

    assertThat(Slo.misses(List.of(Slo.parse("final-max=1600ms")), stage)).isEmpty();
    assertThat(Slo.misses(List.of(Slo.parse("final-p95=1500ms")), stage))
        .containsExactly("final-p95 1600 ms");
    assertThat(Slo.misses(List.of(Slo.parse("first-text-p50=10s")), stage))
        .containsExactly("no first-text was measured");
  }

  @Test
  void theTimeBetweenPartialsIsReportedAndMayBeBounded() {
    StageResult stage = stage(CallReport.Outcome.TRANSCRIBED, 900.0);

    assertThat(Slo.misses(List.of(Slo.parse("partial-gap-p50=1s")), stage)).isEmpty();
    assertThat(Slo.misses(List.of(Slo.parse("partial-gap-p95=1s")), stage))
        .containsExactly("partial-gap-p95 1200 ms");
    assertThat(stage.row()).containsPattern(" 300 +1200 +900 ");
    assertThat(stage.fields(List.of()))
        .containsEntry("finals_without_partial", 1)
        .extractingByKey("partial_gap_ms")
        .asString()
        .contains("count=2", "p50=300.0", "p95=1200.0");
    assertThat(stage.summary().lines()).anyMatch(line -> line.startsWith("partials       p50 300"));
  }

  @Test
  void aRefusedCallIsAMissWithoutAnyBound() {
    assertThat(Slo.misses(List.of(), stage(CallReport.Outcome.REFUSED)))
        .containsExactly("1 of 1 calls failed");
  }

  @Test
  void thePlotLeavesOutWhatWasNotMeasuredAndEscapesItsTitle() {
    String svg =
        LoadPlot.svg("<a> & b", List.of(stage(CallReport.Outcome.TRANSCRIBED, 900.0, 1600.0)));

    assertThat(svg).contains("&lt;a&gt; &amp; b").doesNotContain("NaN").endsWith("</svg>\n");
  }

  private static StageResult stage(CallReport.Outcome outcome, Double... finalMs) {
    CallReport call =
        new CallReport(
            "a.wav",
            "s",
            outcome,
            "",
            null,
            OptionalDouble.empty(),
            List.of(finalMs),
            List.of(),
            new PartialGaps(List.of(300.0, 1200.0), 1),
            SequenceCheck.of(List.of(), 1),
            0,
            0,
            0,
            0,
            0,
            null);
    return new StageResult(
        1, 1, List.of(call), Percentiles.of(new double[] {5}), null, "1.0", false);
  }
}
