package org.linescribe.media.g711;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.linescribe.testsupport.ReferenceG711;

final class G711LawTest {
  @ParameterizedTest
  @EnumSource
  void decodesAllCodesAsTheVectorsSay(G711Law law) throws IOException {
    int[] expected = vectors(law);

    for (int code = 0; code < 256; code++) {
      assertThat(law.decode(code)).as("%s %02X", law, code).isEqualTo((short) expected[code]);
      assertThat(law.decode((byte) code)).isEqualTo((short) expected[code]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void encodesEveryPcmValueAsTheReferenceSoftwareDoes(G711Law law) {
    for (int pcm16 = Short.MIN_VALUE; pcm16 <= Short.MAX_VALUE; pcm16++) {
      int expected = law == G711Law.PCMU ? ReferenceG711.ulaw(pcm16) : ReferenceG711.alaw(pcm16);
      assertThat(law.encode(pcm16)).as("%s %d", law, pcm16).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void encodesEveryDecodedCodeBackToItself(G711Law law) {
    for (int code = 0; code < 256; code++) {
      // μ-law has two zeros; the encoder knows only the positive one.
      int expected = law == G711Law.PCMU && code == 0x7F ? 0xFF : code;
      assertThat(law.encode(law.decode(code))).as("%s %02X", law, code).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void errsByAtMostHalfAStep(G711Law law) {
    for (int pcm16 = Short.MIN_VALUE; pcm16 <= Short.MAX_VALUE; pcm16++) {
      int magnitude = Math.min(Math.abs(pcm16), 32_000);
      int halfAStep = Math.max(8, Integer.highestOneBit(magnitude + 132) / 32);
      if (Math.abs(pcm16) <= 32_000) {
        assertThat(Math.abs(law.decode(law.encode(pcm16)) - pcm16)).isLessThanOrEqualTo(halfAStep);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void bulkFormsAgreeWithTheSingleOnes(G711Law law) {
    byte[] codes = new byte[260];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) (i - 2);
    }
    short[] pcm = new short[300];
    byte[] back = new byte[300];

    law.decode(codes, 2, 256, pcm, 7);
    law.encode(pcm, 7, 256, back, 11);

    for (int code = 0; code < 256; code++) {
      assertThat(pcm[7 + code]).isEqualTo(law.decode(code));
      assertThat(back[11 + code] & 0xFF).isEqualTo(law.encode(law.decode(code)));
    }
    assertThat(pcm[6]).isZero();
    assertThat(pcm[263]).isZero();
  }

  @Test
  void idleCodesAreTheQuietestPositiveValues() {
    assertThat(G711Law.PCMU.idleCode()).isEqualTo(0xFF);
    assertThat(G711Law.PCMA.idleCode()).isEqualTo(0xD5);
    assertThat(G711Law.PCMU.decode(0xFF)).isZero();
    assertThat(G711Law.PCMA.decode(0xD5)).isEqualTo((short) 8);
    assertThat(G711Law.PCMU.payloadType()).isZero();
    assertThat(G711Law.PCMA.payloadType()).isEqualTo(8);
  }

  private static int[] vectors(G711Law law) throws IOException {
    String name = "/itu-t-g711/" + law.name().toLowerCase(java.util.Locale.ROOT) + "-decoded.txt";
    int[] values = new int[256];
    try (var in = Objects.requireNonNull(G711LawTest.class.getResourceAsStream(name));
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      int count = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(" ");
        values[Integer.parseInt(fields[0], 16)] = Integer.parseInt(fields[1]);
        count++;
      }
      assertThat(count).isEqualTo(256);
    }
    return values;
  }
}
