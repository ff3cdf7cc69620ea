package org.linescribe.asr.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorRoomTest {
  @ParameterizedTest
  @CsvSource({
    "25, 0.10, 0.10, 200",
    "25, 0.10, 0.50, 100",
    "25, 0.10, 0.95, 0",
    "25, 0.99, 0.20, 0",
    "100, 0.45, 0.45, 100"
  })
  void moreStreamsTakeWhatTheOpenOnesTakeAndOtherProgramsTimeIsNotFree(
      int open, double process, double machine, int more) {
    assertThat(new ProcessorRoom.Use(process, machine).moreStreams(open)).hasValue(more);
  }

  @Test
  void isNotKnownWithoutStreamsOrWithoutAMeasurement() {
    assertThat(new ProcessorRoom.Use(0.1, 0.1).moreStreams(0)).isEmpty();
    assertThat(new ProcessorRoom.Use(0.01, 0.1).moreStreams(3)).isEmpty();
    assertThat(new ProcessorRoom.Use(-1, 0.1).moreStreams(3)).isEmpty();
    assertThat(new ProcessorRoom.Use(0.1, -1).moreStreams(3)).isEmpty();
  }

  @Test
  void measuresAgainAfterTwoSecondsOnly() {
    AtomicInteger measured = new AtomicInteger();
    long startNs = Long.MAX_VALUE - 1_000_000_000;
    ProcessorRoom room =
        new ProcessorRoom(
            () -> new ProcessorRoom.Use(0.1 * measured.incrementAndGet(), 0.1), startNs);

    assertThat(room.moreStreams(10, startNs)).hasValue(80);
    assertThat(room.moreStreams(20, startNs + TimeUnit.SECONDS.toNanos(1))).hasValue(160);
    assertThat(room.moreStreams(10, startNs + TimeUnit.SECONDS.toNanos(2))).hasValue(35);
    assertThat(measured).hasValue(2);
  }
}
