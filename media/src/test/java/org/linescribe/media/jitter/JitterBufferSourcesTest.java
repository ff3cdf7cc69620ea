package org.linescribe.media.jitter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.linescribe.media.codec.AudioCodec;

/** Sources that jump, restart, change, or are on hold. */
final class JitterBufferSourcesTest {
  private final SimulatedCall call = new SimulatedCall();

  @Test
  void aJumpOfAnHourCostsNoHourOfSilence() {
    call.audio(0, 0, 160);
    call.timestamp += 3600L * 8000;
    call.audio(20, 160, 160).audio(40, 320, 160).audio(60, 480, 160).runTo(60);

    assertThat(call.lengthSamples()).isEqualTo(640);
    assertThat(call.isHeard(0, 0, 640)).isTrue();
    assertThat(call.counters().timestampJumps()).isEqualTo(1);
  }

  @Test
  void aJumpBackOfAnHourLosesNothing() {
    call.timestamp = 0x8000_0000L;
    call.audio(0, 0, 160);
    call.timestamp -= 3600L * 8000;
    call.audio(20, 160, 160).audio(40, 320, 160).runTo(40);

    assertThat(call.isHeard(0, 0, 480)).isTrue();
    assertThat(call.counters().timestampJumps()).isEqualTo(1);
  }

  @Test
  void aSinglePacketOfTheFutureIsAStray() {
    call.audio(0, 0, 160);
    long timestamp = call.timestamp;
    call.timestamp += 3600L * 8000;
    call.send(10, false, 0, SimulatedCall.codes(9999, 160));
    call.timestamp = timestamp;
    call.audio(20, 160, 160).audio(40, 320, 160).runTo(40);

    assertThat(call.isHeard(0, 0, 160)).isTrue();
    assertThat(call.lengthSamples()).isEqualTo(480);
    assertThat(call.counters().timestampJumps()).isZero();
  }

  @Test
  void anotherSourceTakesOverWhenASecondPacketProvesIt() {
    call.audio(0, 0, 160).audio(20, 160, 160);
    call.ssrc = 0xBEEF;
    call.sequenceNumber = 65_535;
    call.timestamp = 0xFFFF_FFFFL;
    call.audio(40, 320, 160).audio(60, 480, 160).audio(80, 640, 160).runTo(80);

    assertThat(call.isHeard(0, 0, 800)).isTrue();
    assertThat(call.counters().ssrcChanges()).isEqualTo(1);
    assertThat(call.counters().lost()).isZero();
  }

  @Test
  void aStraySourceDisturbsNothing() {
    for (int i = 0; i < 50; i++) {
      call.audio(20 * i, 160L * i, 160);
      long ssrc = call.ssrc;
      call.ssrc = 666;
      call.send(20 * i + 7, false, 0, SimulatedCall.codes(-500, 160));
      call.ssrc = ssrc;
    }
    call.runTo(1000);

    assertThat(call.isHeard(0, 0, 8000)).isTrue();
    assertThat(call.counters().ssrcChanges()).isZero();
    assertThat(call.counters().duplicate() + call.counters().stray()).isGreaterThanOrEqualTo(49);
  }

  @Test
  void aRestartedSequenceOnTheSameClockKeepsTheTimeline() {
    call.audio(0, 0, 160).audio(20, 160, 160);
    call.sequenceNumber = 40_000;
    call.audio(40, 320, 160).audio(60, 480, 160).runTo(60);

    assertThat(call.isHeard(0, 0, 640)).isTrue();
    assertThat(call.counters().sequenceRestarts()).isEqualTo(1);
    assertThat(call.counters().timestampJumps()).isZero();
  }

  @Test
  void aHeldSourceWhoseClockStoodStillGoesOnAtItsMarker() {
    call.audio(0, 0, 160);
    call.packet(2000, true, 0, SimulatedCall.codes(16_000, 160), 160);
    call.audio(2020, 16_160, 160).runTo(2020);

    assertThat(call.isSilent(160, 15_840)).isTrue();
    assertThat(call.isHeard(16_000, 16_000, 320)).isTrue();
    assertThat(call.counters().timestampJumps()).isEqualTo(1);
  }

  @Test
  void aHeldSourceWithoutAMarkerGoesOnAtTheEndOfTheTimelineAndLosesNothing() {
    call.pause(0);
    for (int i = 0; i < 50; i++) {
      call.audio(2000 + 20 * i, 15_440 + 160L * i, 160);
    }
    call.runTo(2980);

    // The silence ends a reorder wait, 60 ms, before the clock of the last tick.
    int paused = SimulatedCall.PAUSE_SAMPLES;
    assertThat(call.isSilent(paused, 15_440 - paused)).isTrue();
    assertThat(call.isHeard(15_440, 15_440, 8000)).isTrue();
    assertThat(call.lengthSamples()).isEqualTo(23_440);
    assertThat(call.counters().late()).isZero();
  }

  @Test
  void aSenderThatMarksEveryPacketIsNotOnHold() {
    for (int i = 0; i < 100; i++) {
      double sent = 20.0 * i;
      call.packet(
          sent >= 500 && sent < 1500 ? 1500 : sent,
          true,
          0,
          SimulatedCall.codes(160L * i, 160),
          160);
    }
    call.runTo(1980);

    assertThat(call.isHeard(0, 0, 16_000)).isTrue();
  }

  @Test
  void changesLawAndPacketLengthInMidStream() {
    call.audio(0, 0, 80).audio(10, 80, 480);
    call.packet(70, false, SimulatedCall.PCMA, SimulatedCall.codes(560, 240), 240).runTo(70);

    assertThat(call.isHeard(0, 0, 800)).isTrue();
    assertThat(call.codecs).containsExactly(AudioCodec.PCMU, AudioCodec.PCMA);
  }
}
