package org.linescribe.media.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jaredmdobson.concentus.OpusApplication;
import io.github.jaredmdobson.concentus.OpusEncoder;
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
    "OPUS/48000/2, OPUS, 6"
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
