package org.linescribe.media.dtmf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavReader;
import org.linescribe.testsupport.ProjectFiles;

class ToneDetectorTest {
  private static final String DIGITS = "123A456B789C*0#D";
  private static final double[] ROWS_HZ = {697, 770, 852, 941};
  private static final double[] COLUMNS_HZ = {1209, 1336, 1477, 1633};

  private final StringBuilder heard = new StringBuilder();
  private final List<Long> positions = new ArrayList<>();
  private final ToneDetector detector =
      new ToneDetector(
          (digit, at) -> {
            heard.append(digit);
            positions.add(at);
          });

  /** Through μ-law, as on a line, in packets of 20 ms. */
  private void hear(short[] pcm) {
    short[] packet = new short[160];
    for (int at = 0; at < pcm.length; at += packet.length) {
      int length = Math.min(packet.length, pcm.length - at);
      for (int i = 0; i < length; i++) {
        packet[i] = G711Law.PCMU.decode(G711Law.PCMU.encode(pcm[at + i]));
      }
      detector.hear(packet, length);
    }
  }

  private static short[] tone(
      char digit, int ms, double rowAmplitude, double columnAmplitude, double off) {
    int index = DIGITS.indexOf(digit);
    double row = ROWS_HZ[index / 4] * (1 + off);
    double column = COLUMNS_HZ[index % 4] * (1 + off);
    short[] pcm = new short[ms * 8];
    for (int i = 0; i < pcm.length; i++) {
      double angle = 2 * Math.PI * i / 8000;
      pcm[i] =
          (short)
              (rowAmplitude * Math.sin(row * angle)
                  + columnAmplitude * Math.sin(column * angle + 1));
    }
    return pcm;
  }

  @ParameterizedTest
  @CsvSource({
    "40, 4000, 4000, 0",
    "40, 300, 300, 0",
    "100, 12000, 12000, 0.015",
    "50, 3000, 3000, -0.015",
    "60, 2000, 3000, 0",
    "60, 4000, 2300, 0"
  })
  void hearsEveryDigitOnce(int ms, double row, double column, double off) {
    for (char digit : DIGITS.toCharArray()) {
      hear(tone(digit, ms, row, column, off));
      hear(new short[ms * 8]);
    }

    assertThat(heard).hasToString(DIGITS);
  }

  @Test
  void hearsADigitThatIsRepeatedAndOneThatIsLong() {
    hear(tone('5', 60, 3000, 3000, 0));
    hear(new short[400]);
    hear(tone('5', 3000, 3000, 3000, 0));
    detector.skip(800);
    hear(tone('5', 60, 3000, 3000, 0));

    assertThat(heard).hasToString("555");
    assertThat(positions.get(1)).isBetween(880L - 102, 880L + 102);
    assertThat(positions.get(2)).isBetween(25_680L - 102, 25_680L + 102);
  }

  @Test
  void hearsDigitsInNoise() {
    Random random = new Random(15);
    for (char digit : DIGITS.toCharArray()) {
      short[] pcm = tone(digit, 80, 3000, 3000, 0);
      for (int i = 0; i < pcm.length; i++) {
        // 15 dB below the tones.
        pcm[i] += (short) (random.nextGaussian() * 530);
      }
      hear(pcm);
      hear(new short[640]);
    }

    assertThat(heard).hasToString(DIGITS);
  }

  @Test
  void hearsNoToneOf20MsAndNoSingleFrequency() {
    for (char digit : DIGITS.toCharArray()) {
      hear(new short[777]);
      hear(tone(digit, 20, 3000, 3000, 0));
      hear(new short[777]);
      hear(tone(digit, 200, 3000, 0, 0));
      hear(tone(digit, 200, 0, 3000, 0));
      hear(tone(digit, 200, 300, 3000, 0));
    }

    assertThat(heard).isEmpty();
  }

  /** Talk-off: nobody pressed a key in these 15 minutes of speech, music and tones. */
  @ParameterizedTest
  @ValueSource(strings = {"human", "speech", "nonspeech", "recorded"})
  void hearsNoDigitInWhatPeopleSay(String folder) throws IOException {
    long samples = 0;
    try (Stream<Path> files = Files.list(ProjectFiles.root().resolve("test-calls/" + folder))) {
      for (Path file :
          (Iterable<Path>) files.filter(f -> f.toString().endsWith(".wav"))::iterator) {
        if (file.endsWith("dtmf-1.wav")) {
          continue;
        }
        short[] pcm = samples(file);
        samples += pcm.length;
        hear(pcm);
        assertThat(heard).as(file.toString()).isEmpty();
      }
    }
    System.out.printf("%s: no digit in %d s%n", folder, samples / 8000);
    assertThat(samples).isPositive();
  }

  private static short[] samples(Path file) throws IOException {
    try (WavReader wav = WavReader.open(file)) {
      assertThat(wav.format().sampleRateHz()).as(file.toString()).isEqualTo(8000);
      short[] pcm = new short[8000];
      int length = 0;
      int frames;
      while ((frames = wav.read(pcm, length, pcm.length - length)) > 0) {
        length += frames;
        pcm = Arrays.copyOf(pcm, length + 8000);
      }
      return Arrays.copyOf(pcm, length);
    }
  }

  @Test
  void hearsTheKeyOfTheRecordedTone() throws IOException {
    hear(samples(ProjectFiles.root().resolve("test-calls/nonspeech/dtmf-1.wav")));

    assertThat(heard.toString()).matches("1+");
  }
}
