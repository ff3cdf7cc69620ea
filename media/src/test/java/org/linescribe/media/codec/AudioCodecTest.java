package org.linescribe.media.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jaredmdobson.concentus.OpusApplication;
import io.github.jaredmdobson.concentus.OpusEncoder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AudioCodecTest {
  private final short[] pcm = new short[AudioCodec.MAX_SAMPLES];

  @ParameterizedTest
  @CsvSource({
    "PCMU/8000, PCMU, 1",
    "pcma/8000, PCMA, 1",
    "G722/8000, G722, 1",
    "OPUS/48000/2, OPUS, 6",
    "L16/8000, L16, 1",
    "l16/16000, L16_WIDEBAND, 2"
  })
  void isFoundByItsRtpmap(String encoding, AudioCodec codec, int ticks) {
    assertThat(AudioCodec.of(encoding)).contains(codec);
    assertThat(codec.ticksPerSample()).isEqualTo(ticks);
  }

  @Test
  void knowsNoOtherCodecs() {
    assertThat(AudioCodec.of("G729/8000")).isEmpty();
    assertThat(AudioCodec.of("G722/16000")).isEmpty();
    assertThat(AudioCodec.of("opus/48000")).isEmpty();
  }

  @Test
  void readsLinearPcmInNetworkByteOrderAndLeavesHalfASampleOut() {
    byte[] payload = {0x12, 0x34, (byte) 0xFF, (byte) 0xFE, 0x7F};

    assertThat(AudioCodec.L16.samples(payload, 0, payload.length)).isEqualTo(2);
    assertThat(AudioCodec.L16.newDecoder().decode(payload, 0, payload.length, pcm)).isEqualTo(2);
    assertThat(pcm[0]).isEqualTo((short) 0x1234);
    assertThat(pcm[1]).isEqualTo((short) -2);
  }

  @Test
  void halvesWidebandToTheSpeechBelowFourKilohertz() {
    short[] low = tone(1000);
    short[] high = tone(6000);
    AudioDecoder decoder = AudioCodec.L16_WIDEBAND.newDecoder();

    assertThat(rms(decoder, low)).isBetween(6900.0, 7200.0);
    assertThat(rms(AudioCodec.L16_WIDEBAND.newDecoder(), high)).isLessThan(10);
  }

  /** One packet of 50 ms at 16 kHz, 10,000 high. */
  private static short[] tone(int hz) {
    short[] tone = new short[800];
    for (int i = 0; i < tone.length; i++) {
      tone[i] = (short) Math.round(10_000 * Math.sin(2 * Math.PI * hz * i / 16_000));
    }
    return tone;
  }

  /** Of its second half, behind the filter's lag. */
  private double rms(AudioDecoder decoder, short[] tone) {
    ByteBuffer payload = ByteBuffer.allocate(2 * tone.length);
    payload.asShortBuffer().put(tone);
    int samples = decoder.decode(payload.array(), 0, payload.capacity(), pcm);
    assertThat(samples).isEqualTo(tone.length / 2);
    double sum = 0;
    for (int i = samples / 2; i < samples; i++) {
      sum += (double) pcm[i] * pcm[i];
    }
    return Math.sqrt(sum / (samples - samples / 2));
  }

  @ParameterizedTest
  @EnumSource
  void decodesItsSilenceToSilence(AudioCodec codec) {
    byte[] payload = codec.silence(160);
    AudioDecoder decoder = codec.newDecoder();

    for (int packet = 0; packet < 50; packet++) {
      assertThat(codec.samples(payload, 0, payload.length)).isEqualTo(160);
      assertThat(decoder.decode(payload, 0, payload.length, pcm)).isEqualTo(160);
      for (int i = 0; i < 160; i++) {
        // A-law has no zero.
        assertThat(pcm[i]).isBetween((short) -8, (short) 8);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void decodesWhatItEncoded(AudioCodec codec) {
    AudioEncoder encoder = codec.newEncoder();
    AudioDecoder decoder = codec.newDecoder();
    short[] said = new short[8000];
    for (int i = 0; i < said.length; i++) {
      // Two tones of speech's band, swelling.
      double swell = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / 2000);
      said[i] = (short) (swell * 6000 * (Math.sin(i * 0.31) + 0.6 * Math.sin(i * 0.87)));
    }
    short[] heard = new short[said.length];
    for (int from = 0; from < said.length; from += 160) {
      byte[] payload = encoder.encode(said, from, 160);
      assertThat(codec.samples(payload, 0, payload.length)).isEqualTo(160);
      assertThat(decoder.decode(payload, 0, payload.length, pcm)).isEqualTo(160);
      System.arraycopy(pcm, 0, heard, from, 160);
    }

    double best = 0;
    for (int delay = 0; delay < 120; delay++) {
      double dot = 0;
      double left = 0;
      double right = 0;
      for (int i = 2000; i + delay < heard.length; i++) {
        dot += (double) said[i] * heard[i + delay];
        left += (double) said[i] * said[i];
        right += (double) heard[i + delay] * heard[i + delay];
      }
      best = Math.max(best, dot / Math.sqrt(left * right));
    }
    assertThat(best).isGreaterThan(0.99);
  }

  @ParameterizedTest
  @CsvSource({"2.5, 20", "5, 40", "10, 80", "20, 160", "40, 320", "60, 480"})
  void tellsHowLongAnOpusPacketLasts(double ms, int samples) throws Exception {
    byte[] packet = opus(new short[(int) (48 * ms)]);

    assertThat(AudioCodec.OPUS.samples(packet, 0, packet.length)).isEqualTo(samples);
    assertThat(AudioCodec.OPUS.newDecoder().decode(packet, 0, packet.length, pcm))
        .isEqualTo(samples);
  }

  private static byte[] opus(short[] at48Khz) throws Exception {
    OpusEncoder encoder = new OpusEncoder(48_000, 1, OpusApplication.OPUS_APPLICATION_VOIP);
    byte[] packet = new byte[1500];
    int length = encoder.encode(at48Khz, 0, at48Khz.length, packet, 0, packet.length);
    return Arrays.copyOf(packet, length);
  }

  @Test
  void takesNoOpusPacketOfMoreThan120Ms() {
    // Code 3 with 63 frames of 20 ms.
    assertThat(AudioCodec.OPUS.samples(new byte[] {(byte) 0xFB, 63, 0, 0}, 0, 4)).isZero();
    assertThat(AudioCodec.OPUS.samples(new byte[] {(byte) 0xFB}, 0, 1)).isZero();
    assertThat(AudioCodec.OPUS.samples(new byte[0], 0, 0)).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void decodesAnyBytesToTheirLength(AudioCodec codec) throws Exception {
    long seed = 722;
    Random random = new Random(seed);
    AudioDecoder decoder = codec.newDecoder();
    byte[] good = opus(new short[960]);
    for (int round = 0; round < 5000; round++) {
      byte[] payload = new byte[random.nextInt(300)];
      random.nextBytes(payload);
      if (round % 2 == 0) {
        System.arraycopy(good, 0, payload, 0, Math.min(payload.length, 1));
      }
      assertThat(decoder.decode(payload, 0, payload.length, pcm))
          .as("seed %d round %d", seed, round)
          .isEqualTo(codec.samples(payload, 0, payload.length));
    }
  }
}
