package org.linescribe.media.jitter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LossConcealmentTest {
  private static final int PACKET = 160;
  private static final int PERIOD = 64;

  private final LossConcealment concealment = new LossConcealment();

  /** A voiced sound: harmonics of 125 Hz. */
  private static short[] voiced(int from, int samples) {
    short[] pcm = new short[samples];
    for (int i = 0; i < samples; i++) {
      double angle = 2 * Math.PI * (from + i) / PERIOD;
      pcm[i] =
          (short) (5000 * Math.sin(angle) + 2500 * Math.sin(3 * angle) + 900 * Math.cos(7 * angle));
    }
    return pcm;
  }

  private void hear(int samples) {
    for (int from = 0; from < samples; from += PACKET) {
      concealment.resume(voiced(from, PACKET), PACKET);
    }
  }

  private static double rms(short[] pcm, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) pcm[i] * pcm[i];
    }
    return Math.sqrt(sum / (to - from));
  }

  @Test
  void goesOnWithAVoicedSoundInItsPhase() {
    hear(1600);
    short[] made = new short[PACKET];

    concealment.conceal(made, PACKET);

    short[] said = voiced(1600, PACKET);
    double error = 0;
    for (int i = 0; i < 80; i++) {
      error = Math.max(error, Math.abs(made[i] - said[i]));
    }
    assertThat(error).as("worst sample of the first 10 ms").isLessThan(100);
  }

  @Test
  void fadesToSilenceIn60Ms() {
    hear(1600);
    short[] made = new short[640];

    concealment.conceal(made, 320);
    short[] rest = new short[320];
    concealment.conceal(rest, 320);
    System.arraycopy(rest, 0, made, 320, 320);

    double said = rms(voiced(0, 640), 0, 640);
    assertThat(rms(made, 0, 80))
        .isCloseTo(said, org.assertj.core.data.Percentage.withPercentage(3));
    for (int frame = 1; frame < 6; frame++) {
      assertThat(rms(made, 80 * frame, 80 * frame + 80))
          .isLessThan(rms(made, 80 * frame - 80, 80 * frame));
    }
    assertThat(Arrays.copyOfRange(made, 480, 640)).containsOnly(0);
  }

  @Test
  void fadesIntoTheAudioThatComesThen() {
    hear(1600);
    concealment.conceal(new short[PACKET], PACKET);
    short[] loud = new short[PACKET];
    Arrays.fill(loud, (short) 20_000);

    concealment.resume(loud, PACKET);

    assertThat(loud[0]).isLessThan((short) 10_000);
    for (int i = 1; i < PACKET; i++) {
      assertThat(Math.abs(loud[i] - loud[i - 1])).isLessThan(3000);
    }
    assertThat(loud[PACKET - 1]).isEqualTo((short) 20_000);
  }

  @Test
  void makesNothingUpAfterSilence() {
    hear(1600);
    concealment.silence();
    short[] made = new short[PACKET];

    concealment.conceal(made, PACKET);

    assertThat(made).containsOnly(0);
  }

  @Test
  void hasNothingToMakeUpAfterSilenceOrIdleCodes() {
    assertThat(concealment.availableSamples()).isZero();
    hear(1600);
    assertThat(concealment.availableSamples()).isEqualTo(LossConcealment.MAX_SAMPLES);
    concealment.conceal(new short[PACKET], PACKET);
    assertThat(concealment.availableSamples()).isEqualTo(LossConcealment.MAX_SAMPLES - PACKET);

    short[] idle = new short[480];
    Arrays.fill(idle, (short) -8);
    concealment.resume(idle, 480);

    assertThat(concealment.availableSamples()).isZero();
  }

  /** What is forgotten within a loss is not faded into what comes then. */
  @Test
  void fadesNothingForgottenIntoTheAudioThatComesThen() {
    hear(1600);
    concealment.conceal(new short[PACKET], PACKET);

    concealment.silence();

    short[] next = voiced(0, PACKET);
    concealment.resume(next, PACKET);
    assertThat(next).isEqualTo(voiced(0, PACKET));
  }

  /** Audio without a loss is untouched. */
  @Test
  void changesNoAudioBehindAudio() {
    short[] pcm = voiced(0, PACKET);
    concealment.resume(pcm, PACKET);

    assertThat(pcm).isEqualTo(voiced(0, PACKET));
  }
}
