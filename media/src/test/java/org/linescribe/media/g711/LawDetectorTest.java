package org.linescribe.media.g711;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.linescribe.testsupport.HumanRecording;

final class LawDetectorTest {
  private static final int CHUNK = 160;
  private static final int CUT_STEP = 401;

  @ParameterizedTest
  @EnumSource
  void tellsEveryHumanRecordingFromEveryCutPoint(G711Law law) throws IOException {
    int cuts = 0;
    List<String> wrong = new ArrayList<>();
    for (HumanRecording recording : HumanRecording.all()) {
      byte[] codes = encoded(law, recording.pcm());
      for (int cut = 0; cut + LawDetector.MAX_SAMPLES < codes.length; cut += CUT_STEP) {
        cuts++;
        if (detected(codes, cut) != law) {
          wrong.add(recording.name() + " from " + cut);
        }
      }
    }
    assertThat(wrong).as("%s, %d cuts", law, cuts).isEmpty();
    assertThat(cuts).isGreaterThan(1500);
  }

  @ParameterizedTest
  @CsvSource({
    "PCMU, 0.3",
    "PCMA, 0.3",
    "PCMU, 0.1",
    "PCMA, 0.1",
    "PCMU, 0.03",
    "PCMA, 0.03",
    "PCMU, 2.5",
    "PCMA, 2.5"
  })
  void tellsThemAtOtherLevels(G711Law law, double gain) throws IOException {
    List<String> wrong = new ArrayList<>();
    for (HumanRecording recording : HumanRecording.all()) {
      byte[] codes = encoded(law, scaled(recording.pcm(), gain));
      for (int cut = 0; cut + LawDetector.MAX_SAMPLES < codes.length; cut += 5 * CUT_STEP) {
        if (detected(codes, cut) != law) {
          wrong.add(recording.name() + " from " + cut);
        }
      }
    }
    assertThat(wrong).as("%s at gain %s", law, gain).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"PCMU, 10", "PCMA, 10", "PCMU, 100", "PCMA, 100", "PCMU, 1000", "PCMA, 1000"})
  void tellsThemUnderNoise(G711Law law, double noise) throws IOException {
    List<String> wrong = new ArrayList<>();
    for (HumanRecording recording : HumanRecording.all()) {
      short[] pcm = recording.pcm();
      addNoise(pcm, new Random(7), noise);
      byte[] codes = encoded(law, pcm);
      for (int cut = 0; cut + LawDetector.MAX_SAMPLES < codes.length; cut += 5 * CUT_STEP) {
        if (detected(codes, cut) != law) {
          wrong.add(recording.name() + " from " + cut);
        }
      }
    }
    assertThat(wrong).as("%s under noise of %s", law, noise).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void tellsPureNoiseOfEveryLevel(G711Law law) {
    for (double level : new double[] {10, 30, 100, 300, 1000, 3000, 8000}) {
      for (long seed = 0; seed < 20; seed++) {
        short[] pcm = new short[LawDetector.MAX_SAMPLES];
        addNoise(pcm, new Random(seed), level);
        assertThat(detected(encoded(law, pcm), 0))
            .as("level %s, seed %d", level, seed)
            .isEqualTo(law);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void tellsTonesOfATelephone(G711Law law) {
    for (double[] pair :
        new double[][] {{350, 440}, {425, 425}, {697, 1209}, {941, 1633}, {1004, 1004}}) {
      for (double level : new double[] {300, 1000, 3000, 10_000}) {
        short[] pcm = new short[LawDetector.MAX_SAMPLES];
        for (int i = 0; i < pcm.length; i++) {
          double angle = 2 * Math.PI * i / 8000;
          pcm[i] = (short) (level * (Math.sin(pair[0] * angle) + Math.sin(pair[1] * angle)));
        }
        assertThat(detected(encoded(law, pcm), 0))
            .as("%s Hz at %s", Arrays.toString(pair), level)
            .isEqualTo(law);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void tellsThemBehindLeadingSilence(G711Law law) throws IOException {
    for (HumanRecording recording : HumanRecording.all()) {
      byte[] speech = encoded(law, recording.pcm());
      for (int silence : new int[] {1, 80, 160, 799, 1600, 8000}) {
        byte[] codes = new byte[silence + speech.length];
        Arrays.fill(codes, 0, silence, (byte) law.idleCode());
        System.arraycopy(speech, 0, codes, silence, speech.length);
        assertThat(detected(codes, 0))
            .as("%s after %d idle", recording.name(), silence)
            .isEqualTo(law);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"FF, PCMU", "7F, PCMU", "FE, PCMU", "D5, PCMA", "55, PCMA", "D4, PCMA"})
  void takesIdleCodesForTheirLaw(String hex, G711Law law) {
    byte[] idle = new byte[LawDetector.MAX_SAMPLES];
    Arrays.fill(idle, (byte) Integer.parseInt(hex, 16));

    assertThat(detected(idle, 0)).isEqualTo(law);
  }

  @Test
  void decidesForSureWithinItsBoundWhateverComes() {
    long seed = 11;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      LawDetector detector = new LawDetector();
      int distinct = 1 + random.nextInt(round < 100 ? 2 : 256);
      int offered = 0;
      Optional<G711Law> law = Optional.empty();
      while (law.isEmpty()) {
        byte[] chunk = new byte[random.nextInt(700)];
        for (int i = 0; i < chunk.length; i++) {
          chunk[i] = (byte) random.nextInt(distinct);
        }
        law = detector.offer(chunk, 0, chunk.length);
        if (law.isEmpty()) {
          offered += chunk.length;
        }
        assertThat(offered).as("seed %d", seed).isLessThan(LawDetector.MAX_SAMPLES);
      }
      assertThat(detector.takeBuffered()).hasSize(offered);
    }
  }

  @Test
  void handsOutWhatItKeptInOrderAndOnce() {
    LawDetector detector = new LawDetector();
    byte[] idle = new byte[300];
    Arrays.fill(idle, (byte) 0xFF);
    idle[7] = 0x7E;

    assertThat(detector.offer(idle, 0, 100)).isEmpty();
    assertThat(detector.offer(idle, 100, 200)).isEmpty();

    assertThat(detector.decideNow()).isEqualTo(G711Law.PCMU);
    assertThat(detector.takeBuffered()).isEqualTo(idle);
    assertThat(detector.takeBuffered()).isEmpty();
    assertThat(detector.offer(new byte[] {(byte) 0xD5}, 0, 1)).contains(G711Law.PCMU);
  }

  @Test
  void assumesMuLawWhenNothingCame() {
    assertThat(new LawDetector().decideNow()).isEqualTo(G711Law.PCMU);
  }

  @Test
  void staysByItsDecision() {
    LawDetector detector = new LawDetector();
    byte[] idle = new byte[LawDetector.MAX_SAMPLES];
    Arrays.fill(idle, (byte) 0xD5);
    assertThat(detector.offer(idle, 0, idle.length)).contains(G711Law.PCMA);
    Arrays.fill(idle, (byte) 0xFF);

    assertThat(detector.offer(idle, 0, idle.length)).contains(G711Law.PCMA);
    assertThat(detector.takeBuffered()).isEmpty();
  }

  private static G711Law detected(byte[] codes, int from) {
    LawDetector detector = new LawDetector();
    for (int at = from; at < codes.length; at += CHUNK) {
      Optional<G711Law> law = detector.offer(codes, at, Math.min(CHUNK, codes.length - at));
      if (law.isPresent()) {
        return law.get();
      }
    }
    return detector.decideNow();
  }

  private static byte[] encoded(G711Law law, short[] pcm) {
    byte[] codes = new byte[pcm.length];
    law.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  private static short[] scaled(short[] pcm, double gain) {
    short[] out = new short[pcm.length];
    for (int i = 0; i < pcm.length; i++) {
      out[i] = (short) Math.clamp(Math.round(pcm[i] * gain), -32768, 32767);
    }
    return out;
  }

  private static void addNoise(short[] pcm, Random random, double level) {
    for (int i = 0; i < pcm.length; i++) {
      pcm[i] =
          (short) Math.clamp(Math.round(pcm[i] + random.nextGaussian() * level), -32768, 32767);
    }
  }
}
