package org.linescribe.media.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerSignatureTest {
  private static final long SEED = 20260311;

  @ParameterizedTest
  @CsvSource({
    "WAV, 524946460000000057415645",
    "WAV, 52463634ffffffff57415645",
    "W64, 726966662e91cf11a5d628db04c10000",
    "AIFF, 464f524d0000000041494646",
    "AIFF, 464f524d0000000041494643",
    "AU, 2e736e6400000018",
    "CAF, 6361666600010000",
    "AMR, 2321414d520a3c",
    "AMR, 2321414d522d57420a",
    "MP3, 494433040000",
    "FLAC, 664c614300000022",
    "OGG, 4f67675300020000",
    "WEBM, 1a45dfa39f428681",
    "MP4, 00000020667479704d344120",
    "MP4, 000000187374797069736f35",
    "MP4, 0000006c6d6f6f6600000010",
    "MP4, 0000006c6d6f6f7600000010",
    "MP4, 000012346d64617400000000",
  })
  void everyContainerIsFoundByItsBeginningHoweverItIsCut(ContainerFormat format, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThat(ContainerSignature.find(bytes, bytes.length)).contains(format);
    assertThat(ContainerSignature.isUndecided(bytes, bytes.length)).isFalse();
    for (int length = 0; length < bytes.length; length++) {
      assertThat(
              ContainerSignature.find(bytes, length).isPresent()
                  || ContainerSignature.isUndecided(bytes, length))
          .as("%d bytes", length)
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "524946460000000041564920", // AVI
        "524946580000000057415645", // big-endian WAVE
        "464c5601050000000900000000", // FLV
        "3026b2758e66cf11a6d900aa0062ce6c", // WMA
        "255044462d312e37", // PDF
        "504b030414000000", // ZIP
        "89504e470d0a1a0a", // PNG
        "1f8b080000000000", // gzip
        "7776706b00000000", // WavPack
      })
  void filesThatAreNotDecodedAreNoRawAudio(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThat(ContainerSignature.find(bytes, bytes.length)).isEmpty();
    assertThat(ContainerSignature.isForeign(bytes, bytes.length)).isTrue();
  }

  @Test
  void rawPcmIsNotTakenForMpegHoweverItBegins() {
    for (long seed = SEED; seed < SEED + 2000; seed++) {
      byte[] pcm = new byte[ContainerSignature.MAX_BYTES];
      new Random(seed).nextBytes(pcm);
      pcm[0] = (byte) 0xFF;
      pcm[1] = (byte) (seed % 2 == 0 ? 0xFB : 0xF1);
      assertThat(ContainerSignature.find(pcm, pcm.length)).as("seed %d", seed).isEmpty();
      assertThat(ContainerSignature.isUndecided(pcm, pcm.length)).as("seed %d", seed).isFalse();
      assertThat(ContainerSignature.isForeign(pcm, pcm.length)).as("seed %d", seed).isFalse();
    }
  }

  @Test
  void silenceAndQuietPcmAreDecidedWithinTwelveBytes() {
    for (int value : new int[] {0x00, 0xFF, 0x7F, 0xD5, 0x55, 0x01}) {
      byte[] quiet = new byte[320];
      Arrays.fill(quiet, (byte) value);
      assertThat(ContainerSignature.find(quiet, quiet.length)).isEmpty();
      assertThat(ContainerSignature.isUndecided(quiet, 12)).as("%x", value).isFalse();
    }
  }

  @Test
  void oneFrameHeaderIsUndecidedUntilTheSecondComes() {
    byte[] two = new byte[900];
    // MPEG-1 layer III, 128 kbit/s at 44.1 kHz: 417 bytes a frame.
    for (int at : new int[] {0, 417}) {
      two[at] = (byte) 0xFF;
      two[at + 1] = (byte) 0xFB;
      two[at + 2] = (byte) 0x90;
    }
    assertThat(ContainerSignature.find(two, 417)).isEmpty();
    assertThat(ContainerSignature.isUndecided(two, 417)).isTrue();
    assertThat(ContainerSignature.find(two, two.length)).contains(ContainerFormat.MP3);
    two[417] = 0;
    assertThat(ContainerSignature.find(two, two.length)).isEmpty();
    assertThat(ContainerSignature.isUndecided(two, two.length)).isFalse();
  }

  @Test
  void readsNoByteBeyondTheLength() {
    Random random = new Random(SEED);
    byte[] riff = "RIFF____WAVE".getBytes(StandardCharsets.US_ASCII);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(16)];
      random.nextBytes(bytes);
      System.arraycopy(riff, 0, bytes, 0, Math.min(round % 13, bytes.length));
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 20);
      Arrays.fill(longer, bytes.length, longer.length, (byte) random.nextInt());
      assertThat(ContainerSignature.find(longer, bytes.length))
          .as("seed %d, round %d", SEED, round)
          .isEqualTo(ContainerSignature.find(bytes, bytes.length));
      assertThat(ContainerSignature.isUndecided(longer, bytes.length))
          .isEqualTo(ContainerSignature.isUndecided(bytes, bytes.length));
    }
  }
}
