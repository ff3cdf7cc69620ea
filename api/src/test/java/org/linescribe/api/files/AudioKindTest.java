package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AudioKindTest {
  @ParameterizedTest
  @CsvSource({
    "WAV, 524946460000000057415645",
    "WAV, 52463634ffffffff57415645",
    "MP3, 494433040000000000000000",
    "MP3, fffb90640000000000000000",
    "MP3, fff344c40000000000000000",
    "FLAC, 664c61430000002212001200",
    "M4A, 00000020667479704d344120",
    "OGG, 4f6767530002000000000000",
    "WEBM, 1a45dfa39f4286810142f781",
  })
  void knowsAFileByItsFirstBytes(AudioKind kind, String head) {
    assertThat(AudioKind.of(HexFormat.of().parseHex(head))).contains(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "524946460000000041564920", // AVI
        "fff15080000000000000000000", // AAC in ADTS
        "ffffffffffffffffffffffff",
        "255044462d312e3700000000", // PDF
        "504b0304140000000000", // ZIP
        "52494646",
        "ff",
        "",
      })
  void doesNotKnowWhatIsNotOfTheDocumentedKinds(String head) {
    assertThat(AudioKind.of(HexFormat.of().parseHex(head))).isEmpty();
  }

  @Test
  void readsNoByteBeyondTheHead() {
    long seed = 20_261_120;
    Random random = new Random(seed);
    byte[][] magics = {
      "RIFF".getBytes(StandardCharsets.ISO_8859_1), "ID3".getBytes(StandardCharsets.ISO_8859_1), {}
    };
    for (int round = 0; round < 20_000; round++) {
      byte[] magic = magics[round % magics.length];
      byte[] head = new byte[random.nextInt(AudioKind.HEAD_BYTES + 1)];
      random.nextBytes(head);
      System.arraycopy(magic, 0, head, 0, Math.min(magic.length, head.length));
      Optional<AudioKind> kind = AudioKind.of(head);
      assertThat(kind)
          .as("seed %d", seed)
          .isEqualTo(AudioKind.of(Arrays.copyOf(head, head.length)));
    }
  }
}
