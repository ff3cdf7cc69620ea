package org.linescribe.media.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamFormatTest {
  private static final long SEED = 20260311;

  private static Optional<StreamFormat> detect(byte[] bytes) {
    return StreamFormat.detect(bytes, bytes.length, false, Optional.empty());
  }

  @Test
  void tooFewBytesTellNothingUntilTheStreamEnds() {
    byte[] few = "RIFF".getBytes(StandardCharsets.US_ASCII);
    assertThat(detect(few)).isEmpty();
    assertThat(StreamFormat.detect(few, 4, true, Optional.empty()))
        .contains(new StreamFormat.Raw());
  }

  @Test
  void rawPcmIsNotTakenForMpegHoweverItBegins() {
    for (long seed = SEED; seed < SEED + 2000; seed++) {
      byte[] pcm = new byte[StreamFormat.MOST_BYTES];
      new Random(seed).nextBytes(pcm);
      pcm[0] = (byte) 0xFF;
      pcm[1] = (byte) (seed % 2 == 0 ? 0xFB : 0xF1);
      assertThat(detect(pcm)).as("seed %d", seed).contains(new StreamFormat.Raw());
    }
  }

  @Test
  void aFrameHeaderWithoutASecondOneIsRawOnceTheStreamEnds() {
    byte[] start = new byte[40];
    start[0] = (byte) 0xFF;
    start[1] = (byte) 0xFB;
    start[2] = (byte) 0x90;
    assertThat(detect(start)).isEmpty();
    assertThat(StreamFormat.detect(start, start.length, true, Optional.empty()))
        .contains(new StreamFormat.Raw());
  }

  @Test
  void twoMpegHeadersInARowAreMpeg() {
    byte[] two = new byte[900];
    // MPEG-1 layer III, 128 kbit/s at 44.1 kHz: 417 bytes a frame.
    for (int at : new int[] {0, 417}) {
      two[at] = (byte) 0xFF;
      two[at + 1] = (byte) 0xFB;
      two[at + 2] = (byte) 0x90;
    }
    assertThat(detect(two)).contains(new StreamFormat.Encoded(ContainerFormat.MP3));
  }

  @Test
  void whatTheSessionAskedForCountsWhereNoMagicSpeaks() {
    byte[] zeros = new byte[100];
    assertThat(StreamFormat.detect(zeros, 100, false, Optional.of(ContainerFormat.AAC)))
        .contains(new StreamFormat.Encoded(ContainerFormat.AAC));
    byte[] flac = Arrays.copyOf("fLaC".getBytes(StandardCharsets.US_ASCII), 100);
    assertThat(StreamFormat.detect(flac, 100, false, Optional.of(ContainerFormat.AAC)))
        .contains(new StreamFormat.Encoded(ContainerFormat.FLAC));
    assertThat(detect(zeros)).contains(new StreamFormat.Raw());
  }
}
