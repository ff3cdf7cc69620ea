package org.linescribe.asr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LegAudioTest {
  private static final int RATE = 1000;
  private static final int HOUR = 3600 * RATE;

  private final LegAudio leg = new LegAudio(RATE);

  private static short[] ramp(int from, int samples) {
    short[] pcm = new short[samples];
    for (int i = 0; i < samples; i++) {
      pcm[i] = (short) (from + i + 1);
    }
    return pcm;
  }

  private void append(short[] pcm) {
    leg.append(pcm, 0, pcm.length, 0);
  }

  /** Against an array: audio and silence of random lengths, read, read again and forgotten. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void holdsWhatAnArrayWouldHold(long seed) {
    Random random = new Random(seed);
    short[] model = new short[400_000];
    int end = 0;
    LegReader reader = leg.reader(0, () -> {});
    reader.bound(Integer.MAX_VALUE);
    for (int step = 0; step < 3000 && end < 390_000; step++) {
      switch (random.nextInt(6)) {
        case 0 -> {
          int silence = random.nextInt(300);
          leg.appendSilence(silence, 0);
          end += silence;
        }
        case 1, 2 -> {
          short[] pcm = new short[random.nextInt(250)];
          for (int i = 0; i < pcm.length; i++) {
            pcm[i] = (short) random.nextInt(1 << 16);
          }
          append(pcm);
          System.arraycopy(pcm, 0, model, end, pcm.length);
          end += pcm.length;
        }
        case 3, 4 -> {
          long at = reader.position();
          short[] into = new short[400];
          int read = reader.read(into, random.nextInt(400));
          assertThat(Arrays.copyOf(into, read))
              .as("seed %d, step %d", seed, step)
              .isEqualTo(Arrays.copyOfRange(model, (int) at, (int) at + read));
          assertThat(reader.position()).isEqualTo(at + read);
        }
        default -> {
          if (random.nextInt(4) == 0) {
            reader.hold(reader.position() - random.nextInt(200));
            leg.forgetBefore(reader.position() - random.nextInt(500));
          } else {
            long back =
                reader.held() + random.nextInt(1 + (int) (reader.position() - reader.held()));
            reader.seek(back);
          }
        }
      }
      assertThat(reader.end()).isEqualTo(end);
      assertThat(reader.available()).isEqualTo(end - reader.position());
    }
  }

  @Test
  void keepsWhatAReaderHoldsAndForgetsTheRest() {
    LegReader reader = leg.reader(0, () -> {});
    append(ramp(0, 1000));
    reader.skip(800);
    leg.forgetBefore(700);
    assertThat(leg.start()).isEqualTo(700);
    assertThat(leg.keptSamples()).as("the reader may go back to its start").isEqualTo(1000);

    reader.hold(750);

    assertThat(leg.keptSamples()).isEqualTo(300);
    reader.close();
    leg.forgetBefore(1000);
    assertThat(leg.keptSamples()).isLessThanOrEqualTo(100);
  }

  @Test
  void aReaderThatReplacesAnotherReadsTheSameFromWhereItIsNeeded() {
    LegReader first = leg.reader(0, () -> {});
    append(ramp(0, 500));
    short[] read = new short[500];
    first.read(read, 500);
    leg.forgetBefore(200);
    first.close();

    LegReader second = leg.reader(leg.start(), () -> {});

    short[] again = new short[300];
    assertThat(second.read(again, 1000)).isEqualTo(300);
    assertThat(again).isEqualTo(Arrays.copyOfRange(read, 200, 500));
  }

  @Test
  void whatIsReadAgainTakesNoSpaceOfWhatComes() {
    append(ramp(0, 3000));
    LegReader reader = leg.reader(0, () -> {});
    reader.bound(1000);
    assertThat(reader.space(2000)).isEqualTo(1000);
    append(new short[1000]);
    assertThat(reader.space(1)).isZero();
    assertThat(reader.takeRefusedSamples()).isEqualTo(1001);
    reader.skip(3500);
    assertThat(reader.space(1000)).isEqualTo(500);
    reader.seek(0);
    assertThat(reader.space(1000)).as("read once, it was counted once").isEqualTo(500);
  }

  @Test
  void hoursOfSilenceTakeNoMemoryAndCountForNoBound() {
    LegReader reader = leg.reader(0, () -> {});
    reader.bound(1000);
    for (int hour = 0; hour < 1000; hour++) {
      leg.appendSilence(HOUR, 0);
    }
    assertThat(leg.keptSamples()).isZero();
    assertThat(reader.space(1000)).isEqualTo(1000);
    assertThat(reader.silence()).isEqualTo(1000L * HOUR);
    assertThat(reader.available()).isEqualTo(1000L * HOUR);
    reader.limit(10);
    assertThat(reader.silence()).isEqualTo(10);
  }

  @Test
  void backlogIsTheSmallerOfLengthAndAge() {
    long openNs = System.nanoTime();
    LegReader reader = leg.reader(0, () -> {});
    leg.append(new short[500], 0, 500, openNs + 1_000_000_000L);
    assertThat(reader.backlogMs(openNs + 1_200_000_000L)).isEqualTo(200);
    assertThat(reader.backlogMs(openNs + 9_000_000_000L)).isEqualTo(500);
    assertThat(reader.fork(0, () -> {}).backlogMs(openNs + 9_000_000_000L)).isZero();
    reader.limit(0);
    assertThat(reader.backlogMs(openNs + 9_000_000_000L)).as("it may not read").isZero();
  }

  @Test
  void aForkIsFullByWhatItMayRead() {
    LegReader reader = leg.reader(0, () -> {});
    append(ramp(0, 3000));
    int[] spaces = {0};
    LegReader fork = reader.fork(100, () -> spaces[0]++);
    fork.bound(1000);
    assertThat(fork.isFull()).isFalse();
    fork.limit(1500);
    assertThat(fork.isFull()).isTrue();
    fork.skip(700);
    assertThat(spaces[0]).isZero();
    fork.skip(200);
    assertThat(spaces[0]).isEqualTo(1);
    assertThat(fork.isFull()).isFalse();
  }

  @Test
  void wakesItsReadersAndRefusesToGoBack() {
    int[] wakes = {0};
    LegReader reader = leg.reader(0, () -> {});
    reader.onAudio(() -> wakes[0]++);
    append(ramp(0, 10));
    leg.appendSilence(10, 0);
    reader.limit(5);
    assertThat(wakes[0]).isEqualTo(3);
    reader.close();
    append(ramp(0, 10));
    assertThat(wakes[0]).isEqualTo(3);
    assertThatThrownBy(() -> leg.appendSilence(-1, 0)).hasMessage("samples: -1 (expected: >= 0)");
  }
}
