package org.linescribe.media.jitter;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A pause or an announcement ends: what was said in it is not heard, however late it comes. */
final class OmittedAudioTest {
  private static final int PACKET = 160;

  private final SimulatedCall call = new SimulatedCall();

  @Test
  void whatWaitsForALostPacketIsSilence() {
    call.audio(0, 0, PACKET).audio(20, 160, PACKET).lose(PACKET).audio(60, 480, PACKET).runTo(60);

    call.omitEarlier().audio(80, 640, PACKET).audio(100, 800, PACKET).runTo(200);

    assertThat(call.isHeard(0, 0, 320)).isTrue();
    assertThat(call.isSilent(320, 320)).isTrue();
    assertThat(call.isHeard(640, 640, 320)).isTrue();
    assertThat(call.lengthSamples()).isEqualTo(960);
  }

  @Test
  void whatIsOnItsWayIsSilence() {
    call.audio(0, 0, PACKET).audio(20, 160, PACKET).runTo(70);

    call.omitEarlier();
    call.audio(85, 320, PACKET).audio(86, 480, PACKET).audio(90, 640, PACKET).runTo(200);

    assertThat(call.isHeard(0, 0, 320)).isTrue();
    assertThat(call.isSilent(320, 320)).isTrue();
    assertThat(call.isHeard(640, 640, PACKET)).isTrue();
  }

  @Test
  void aPacketOnProbationIsSilence() {
    call.audio(0, 0, PACKET).audio(20, 160, PACKET);
    call.ssrc = 7;
    call.audio(40, 320, PACKET).runTo(50);

    call.omitEarlier().audio(60, 480, PACKET).audio(80, 640, PACKET).runTo(200);

    assertThat(call.counters().ssrcChanges()).isEqualTo(1);
    assertThat(call.isSilent(320, PACKET)).isTrue();
    assertThat(call.isHeard(480, 480, 320)).isTrue();
  }

  /** The timeline went on as silence, so that all that comes then stands behind its time. */
  @Test
  void whatAStallHeldBackIsSilenceAndWhatWasSaidThenIsHeard() {
    SimulatedCall stalled =
        new SimulatedCall(
            new JitterSettings(Duration.ofMillis(60), Duration.ofMillis(100), Duration.ZERO));
    for (int i = 0; i < 10; i++) {
      stalled.audio(20 * i, i * PACKET, PACKET);
    }
    stalled.runTo(990);
    assertThat(stalled.lengthSamples()).isGreaterThan(7000);

    stalled.omitEarlier();
    for (int i = 10; i < 60; i++) {
      stalled.audio(1180 + 0.1 * i, i * PACKET, PACKET);
    }
    for (int i = 60; i < 80; i++) {
      stalled.audio(20 * i, i * PACKET, PACKET);
    }
    stalled.runTo(1700);

    byte[] expected = Arrays.copyOf(SimulatedCall.codes(0, 10 * PACKET), 40 * PACKET);
    System.arraycopy(SimulatedCall.codes(8000, 30 * PACKET), 0, expected, 10 * PACKET, 30 * PACKET);
    stalled.assertAudioIs(expected, "before the pause and behind it");
  }

  /** The pause ends while what was held back comes. */
  @Test
  void theRestOfWhatAStallHeldBackIsSilence() {
    SimulatedCall stalled =
        new SimulatedCall(
            new JitterSettings(Duration.ofMillis(60), Duration.ofMillis(100), Duration.ZERO));
    for (int i = 0; i < 10; i++) {
      stalled.audio(20 * i, i * PACKET, PACKET);
    }
    for (int i = 10; i < 30; i++) {
      stalled.audio(1175, i * PACKET, PACKET);
    }
    stalled.runTo(1180);

    // It is 1190 ms.
    stalled.omitEarlier();
    for (int i = 30; i < 60; i++) {
      stalled.audio(1200, i * PACKET, PACKET);
    }
    stalled.audio(1200, 60 * PACKET, PACKET).audio(1220, 61 * PACKET, PACKET).runTo(1700);

    byte[] expected = Arrays.copyOf(SimulatedCall.codes(0, 30 * PACKET), 32 * PACKET);
    System.arraycopy(SimulatedCall.codes(9600, 2 * PACKET), 0, expected, 30 * PACKET, 2 * PACKET);
    stalled.assertAudioIs(expected, "before the switch and behind it");
  }

  /** A hold in which a sender counts no time, and marks no beginning of speech behind it. */
  @Test
  void aSenderWhoseTimestampsStoodStillIsHeardSoon() {
    SimulatedCall held =
        new SimulatedCall(
            new JitterSettings(Duration.ofMillis(60), Duration.ofMillis(100), Duration.ZERO));
    for (int i = 0; i < 10; i++) {
      held.audio(20 * i, i * PACKET, PACKET);
    }
    held.runTo(5990).omitEarlier();
    for (int i = 10; i < 60; i++) {
      held.audio(6000 + 20 * (i - 10), i * PACKET, PACKET);
    }
    held.runTo(8000);

    assertThat(held.audioSamples()).isBetween(54 * PACKET, 60 * PACKET);
  }

  /** Its timestamps do not go on from the other's, which stood still in a hold. */
  @Test
  void aSourceThatBeginsBehindTheSwitchIsHeardFromItsFirstPacketOn() {
    SimulatedCall held =
        new SimulatedCall(
            new JitterSettings(Duration.ofMillis(60), Duration.ofMillis(100), Duration.ZERO));
    for (int i = 0; i < 10; i++) {
      held.audio(20 * i, i * PACKET, PACKET);
    }
    held.runTo(990);
    for (int i = 10; i < 20; i++) {
      held.audio(1000 + 20 * (i - 10), i * PACKET, PACKET);
    }
    held.runTo(1490).omitEarlier();
    held.ssrc = 7;
    for (int i = 20; i < 30; i++) {
      held.audio(1500 + (i - 20), i * PACKET, PACKET);
    }
    held.runTo(2000);

    assertThat(held.audioSamples()).isEqualTo(30 * PACKET);
  }

  @Test
  void withoutASourceNothingIsOmitted() {
    call.omitEarlier().audio(0, 0, PACKET).audio(20, 160, PACKET).runTo(50);

    assertThat(call.isHeard(0, 0, 320)).isTrue();
  }
}
