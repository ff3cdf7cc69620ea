package org.linescribe.media.jitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.g711.G711Law;

final class JitterBufferTest {
  private static final byte[] NOTHING = {};
  private final SimulatedCall call = new SimulatedCall();

  @Test
  void releasesWhatIsInOrderAtOnce() {
    call.audio(0, 0, 160).audio(20, 160, 160).runTo(20);

    assertThat(call.lengthSamples()).isEqualTo(320);
    assertThat(call.isHeard(0, 0, 320)).isTrue();
  }

  @Test
  void putsOvertakenPacketsInOrder() {
    call.audio(0, 0, 160).audio(45, 160, 160).audio(40, 320, 160).runTo(50);

    assertThat(call.isHeard(0, 0, 480)).isTrue();
    assertThat(call.counters().reordered()).isEqualTo(1);
    assertThat(call.counters().lost()).isZero();
  }

  @Test
  void waitsForALostPacketNoLongerThanTheWindow() {
    call.audio(0, 0, 160).lose(160).audio(40, 320, 160);

    call.runTo(90);
    assertThat(call.lengthSamples()).isEqualTo(160);

    call.runTo(100);
    assertThat(call.lengthSamples()).isEqualTo(480);
    assertThat(call.isSilent(160, 160)).isTrue();
    assertThat(call.isHeard(320, 320, 160)).isTrue();
    assertThat(call.counters().lost()).isEqualTo(1);
    assertThat(call.counters().lostSamples()).isEqualTo(160);
  }

  @Test
  void concealsTheFirst60MsOfALossBySettingAndKeepsTheTimeline() {
    SimulatedCall concealed = concealing();
    concealed.audio(0, 0, 160).audio(20, 160, 160).audio(40, 320, 160);
    for (int i = 0; i < 5; i++) {
      concealed.lose(160);
    }
    concealed.audio(160, 1280, 160).audio(180, 1440, 160).runTo(300);

    assertThat(concealed.counters().lost()).isEqualTo(5);
    assertThat(concealed.counters().concealedSamples()).isEqualTo(480);
    assertThat(concealed.concealed).isEqualTo(480);
    assertThat(concealed.isHeard(0, 0, 480)).isTrue();
    assertThat(concealed.audioSamples()).isEqualTo(5 * 160 + 480);
    assertThat(concealed.isSilent(960, 320)).isTrue();
    // Nothing was made up when the audio came, so it is untouched.
    assertThat(concealed.isHeard(1280, 1280, 320)).isTrue();
    assertThat(concealed.lengthSamples()).isEqualTo(1600);
  }

  private static SimulatedCall concealing() {
    JitterSettings defaults = JitterSettings.defaults();
    return new SimulatedCall(
        new JitterSettings(
            defaults.reorderWait(), defaults.silencePatience(), defaults.stallPatience(), true));
  }

  /** An announcement or a pause ended in between: what was said before is in no transcript. */
  @Test
  void concealsNothingWithWhatIsForgotten() {
    SimulatedCall call = concealing();
    call.audio(0, 0, 160).audio(20, 160, 160).runTo(30);

    call.buffer().forgetHeard();
    call.lose(160).audio(60, 480, 160).runTo(200);

    assertThat(call.counters().lost()).isEqualTo(1);
    assertThat(call.counters().concealedSamples()).isZero();
    assertThat(call.concealed).isZero();
    assertThat(call.isSilent(320, 160)).isTrue();
    assertThat(call.isHeard(480, 480, 160)).isTrue();
    assertThat(call.lengthSamples()).isEqualTo(640);
  }

  /** The onset of what is said then is untouched. */
  @Test
  void aLossWithinASourcesSilenceIsSilenceAndFadesNothing() {
    SimulatedCall call = concealing();
    call.pause(0).lose(160).audio(180, 1440, 160).runTo(400);

    assertThat(call.counters().lost()).isEqualTo(1);
    assertThat(call.concealed).isZero();
    assertThat(call.isSilent(1280, 160)).isTrue();
    assertThat(call.isHeard(1440, 1440, 160)).isTrue();
  }

  @Test
  void aFullBufferStillTakesThePacketThatItWaitsFor() {
    call.audio(0, 0, 8).audio(66.5, 8, 8);
    for (int i = 2; i < 2 + SlotQueue.CAPACITY; i++) {
      call.audio(66, 8 * i, 8);
    }
    call.runTo(70);

    assertThat(call.isHeard(0, 0, 8 * (2 + SlotQueue.CAPACITY))).isTrue();
    assertThat(call.counters().forced()).isZero();
    assertThat(call.counters().late()).isZero();
    assertThat(call.counters().lost()).isZero();
  }

  @Test
  void aFullBufferGivesUpWhatIsMissingAndStaysInOrder() {
    call.audio(0, 0, 8).lose(8);
    for (int i = 2; i < 3 + SlotQueue.CAPACITY; i++) {
      call.audio(66, 8 * i, 8);
    }
    call.runTo(70);

    assertThat(call.isSilent(8, 8)).isTrue();
    assertThat(call.isHeard(16, 16, 8 * (1 + SlotQueue.CAPACITY))).isTrue();
    assertThat(call.counters().forced()).isEqualTo(1);
    assertThat(call.counters().lost()).isEqualTo(1);
  }

  @Test
  void aWindowOfZeroWaitsForNothing() {
    SimulatedCall hasty =
        new SimulatedCall(new JitterSettings(Duration.ZERO, Duration.ZERO, Duration.ZERO));
    hasty.audio(0, 0, 160).lose(160).audio(10, 320, 160).runTo(10);

    assertThat(hasty.lengthSamples()).isEqualTo(480);
  }

  @Test
  void dropsAPacketThatComesAfterItsTimeWasFilled() {
    call.audio(0, 0, 160).audio(130, 160, 160).audio(40, 320, 160).runTo(140);

    assertThat(call.isSilent(160, 160)).isTrue();
    assertThat(call.isHeard(320, 320, 160)).isTrue();
    assertThat(call.counters().late()).isEqualTo(1);
    assertThat(call.counters().trimmedSamples()).isEqualTo(160);
  }

  @Test
  void dropsDuplicates() {
    call.send(5, false, 0, SimulatedCall.codes(0, 160));
    call.send(300, false, 0, SimulatedCall.codes(0, 160));
    call.audio(0, 0, 160).audio(20, 160, 160).runTo(310);

    assertThat(call.counters().duplicate()).isEqualTo(2);
    assertThat(call.counters().late()).isZero();
    assertThat(call.audioSamples()).isEqualTo(320);
  }

  @Test
  void fillsTheSilenceOfASourceThatPausedOnceThePatienceIsOver() {
    call.audio(0, 0, 160).pause(20).runTo(1510);
    assertThat(call.lengthSamples()).isEqualTo(160 + SimulatedCall.PAUSE_SAMPLES);

    call.runTo(1520);
    assertThat(call.lengthSamples()).isEqualTo((1520 - 60) * 8);
    call.runTo(2000);
    assertThat(call.lengthSamples()).isEqualTo((2000 - 60) * 8);

    call.finish(2010);
    assertThat(call.lengthSamples()).isEqualTo(2010 * 8);
    assertThat(call.audioSamples()).isEqualTo(160 + SimulatedCall.PAUSE_SAMPLES);
    assertThat(call.counters().lost()).isZero();
  }

  @Test
  void waitsLongerForASourceThatBrokeOffInTheMiddleOfSpeech() {
    call.audio(0, 0, 160).runTo(5990);
    assertThat(call.lengthSamples()).isEqualTo(160);

    call.runTo(6000);
    assertThat(call.lengthSamples()).isEqualTo((6000 - 60) * 8);
  }

  @Test
  void doesNotWaitForASourceThatIsHeld() {
    call.audio(0, 0, 160).runTo(0);
    call.buffer().held(true);

    call.runTo(100);

    assertThat(call.lengthSamples()).isEqualTo((100 - 60) * 8);
  }

  /** A line whose noise is 26 dB below the speech: nobody can tell its pauses from weak sounds. */
  @Test
  void takesNoNoiseForAPause() {
    byte[] noise = new byte[SimulatedCall.PAUSE_SAMPLES];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) G711Law.PCMU.encode(i % 2 == 0 ? 400 : -400);
    }
    call.audio(0, 0, 160).packet(20, false, SimulatedCall.PCMU, noise, noise.length).runTo(5990);

    assertThat(call.lengthSamples()).isEqualTo(160 + noise.length);
  }

  @Test
  void isLessPatientWithASourceThatMadePauses() {
    call.audio(0, 0, 160).lose(8000);
    call.sequenceNumber--;
    call.audio(1020, 8160, 160).pause(1040).runTo(1630);
    assertThat(call.lengthSamples()).isEqualTo(8320 + SimulatedCall.PAUSE_SAMPLES);

    call.runTo(1640);

    assertThat(call.lengthSamples()).isEqualTo((1640 - 60) * 8);
  }

  @Test
  void fillsTheSilenceThatComfortNoiseAnnouncesAtOnce() {
    call.audio(0, 0, 160);
    call.packet(20, false, SimulatedCall.COMFORT_NOISE, new byte[] {64}, 0).runTo(500);

    assertThat(call.lengthSamples()).isEqualTo((500 - 60) * 8);
  }

  @Test
  void fillsComfortNoiseWithSilenceOfItsTrueLength() {
    call.audio(0, 0, 160);
    call.packet(20, false, SimulatedCall.COMFORT_NOISE, new byte[] {64}, 8000);
    call.packet(1020, true, 0, SimulatedCall.codes(8160, 160), 160).runTo(1020);

    assertThat(call.lengthSamples()).isEqualTo(8320);
    assertThat(call.isSilent(160, 8000)).isTrue();
    assertThat(call.isHeard(8160, 8160, 160)).isTrue();
    assertThat(call.counters().comfortNoise()).isEqualTo(1);
    assertThat(call.counters().lostSamples()).isZero();
    assertThat(call.counters().silentSamples()).isEqualTo(8000);
  }

  @Test
  void reportsADigitOnceAndLeavesTheTimelineAlone() {
    call.audio(0, 0, 160);
    int[] durations = {160, 320, 480, 640, 640, 640};
    for (int i = 0; i < durations.length; i++) {
      byte[] event = {
        5, (byte) (i >= 3 ? 0x8A : 0x0A), (byte) (durations[i] >> 8), (byte) durations[i]
      };
      call.packet(20 + 20 * Math.min(i, 3), i == 0, SimulatedCall.TELEPHONE_EVENT, event, 0);
    }
    call.timestamp += 640;
    call.packet(100, true, 0, SimulatedCall.codes(800, 160), 160).runTo(100);

    assertThat(call.digits).hasSize(1);
    assertThat(call.digits.getFirst().digit()).contains('5');
    assertThat(call.digitPositions).containsExactly(160L);
    assertThat(call.isSilent(160, 640)).isTrue();
    assertThat(call.isHeard(800, 800, 160)).isTrue();
    assertThat(call.counters().telephoneEvents()).isEqualTo(1);
    assertThat(call.counters().lost()).isZero();
  }

  @Test
  void unknownPayloadTakesANumberAndNoTime() {
    call.audio(0, 0, 160).packet(10, false, 96, new byte[50], 0).audio(20, 160, 160).runTo(20);

    assertThat(call.isHeard(0, 0, 320)).isTrue();
    assertThat(call.counters().unknownPayload()).isEqualTo(1);
    assertThat(call.counters().lost()).isZero();
  }

  @Test
  void anEmptyPacketTakesNoTime() {
    call.audio(0, 0, 160).packet(10, false, 0, NOTHING, 0).audio(20, 160, 160).runTo(20);

    assertThat(call.lengthSamples()).isEqualTo(320);
  }

  @Test
  void dropsAPacketThatIsTooLong() {
    call.packet(0, false, 0, new byte[AudioCodec.PCMU.maxPayloadBytes() + 1], 0).runTo(0);

    assertThat(call.counters().oversized()).isEqualTo(1);
    assertThat(call.lengthSamples()).isZero();
  }

  /** What is too long is a matter of time: 16-bit PCM at 16 kHz has four bytes a sample. */
  @Test
  void takes200MsOfLinearPcmAndNoMore() {
    call.buffer().payloads(new PayloadMap(Map.of(118, PayloadKind.L16_WIDEBAND)));
    call.packet(0, false, 118, new byte[1920], 480).runTo(0);
    assertThat(call.lengthSamples()).isEqualTo(480);
    call.packet(60, false, 118, new byte[6400], 1600).runTo(60);
    assertThat(call.lengthSamples()).isEqualTo(480 + 1600);
    assertThat(call.counters().oversized()).isZero();

    call.packet(260, false, 118, new byte[6404], 1601).runTo(260);

    assertThat(call.counters().oversized()).isEqualTo(1);
    assertThat(call.lengthSamples()).isEqualTo(480 + 1600);
  }

  @Test
  void givesUpEarlyWhenTheBufferIsFull() {
    call.audio(0, 0, 160).lose(160);
    for (int i = 0; i < 70; i++) {
      call.audio(1, 320 + 160L * i, 160);
    }
    call.runTo(10);

    assertThat(call.counters().forced()).isEqualTo(1);
    assertThat(call.lengthSamples()).isEqualTo(320 + 70 * 160);
    call.assertEverySampleInItsPlace("full");
  }

  @Test
  void theTimelineBeginsWithTheCallWhenAsked() {
    call.begin().runTo(500);
    assertThat(call.lengthSamples()).isEqualTo((500 - 60) * 8);

    call.audio(520, 4160, 160).runTo(520);

    assertThat(call.lengthSamples()).isEqualTo(4320);
    assertThat(call.isHeard(4160, 4160, 160)).isTrue();
  }

  @Test
  void aCallWithoutAnyPacketIsAsLongAsItWas() {
    call.begin().runTo(100).finish(110);
    assertThat(call.lengthSamples()).isEqualTo(880);
    assertThat(call.audioSamples()).isZero();
  }

  @Test
  void withoutABeginningNothingComesBeforeTheFirstPacket() {
    call.runTo(100).finish(110);
    assertThat(call.lengthSamples()).isZero();
  }

  @Test
  void refusesSettingsOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new JitterSettings(Duration.ofMillis(501), Duration.ZERO, Duration.ZERO))
        .withMessage("reorderWait: 501 ms (expected: 0..500 ms)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PayloadMap(Map.of(128, PayloadKind.PCMU)));
  }
}
