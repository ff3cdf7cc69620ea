package org.linescribe.media.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamDecoderTest {
  private static final int WAVE64 = 8;
  private static final int RATE_HZ = EncodedRecording.RATE_HZ;

  @TempDir Path directory;
  private final Queue<StreamDecoder> closedAtStart = new ConcurrentLinkedQueue<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Its clock is read when a child runs and its starter has not got it yet. */
  private final Ffmpeg ffmpeg =
      new Ffmpeg(
          FfmpegSettings.defaults(),
          () -> {
            StreamDecoder closed = closedAtStart.poll();
            if (closed != null) {
              closed.close();
            }
            return 0;
          });

  @AfterEach
  void leavesNoChildBehind() {
    await().until(() -> ffmpeg.running() == 0);
    ffmpeg.close();
  }

  private StreamDecoder decoder(Optional<ContainerFormat> asked) {
    return new StreamDecoder(
        ffmpeg, RATE_HZ, 1, asked, DecodeLimits.live(), LiveDecoding.into(out));
  }

  @Test
  void wavAndFlacAndRawAreTheSamePcmHoweverTheyAreCut() throws Exception {
    EncodedRecording recordings = new EncodedRecording(ffmpeg, directory);
    byte[] wav = Files.readAllBytes(recordings.encoded("a.wav", "-bitexact"));
    List<byte[]> streams =
        List.of(
            wav,
            IrregularWav.withRiffSize(wav, 0),
            IrregularWav.withRiffSize(wav, 36),
            IrregularWav.withRiffSize(wav, 4088),
            IrregularWav.withTwoDataChunks(wav),
            IrregularWav.withOddListChunk(wav, true),
            IrregularWav.withOddListChunk(wav, false),
            Files.readAllBytes(recordings.encoded("rf64.wav", "-rf64", "always")),
            Files.readAllBytes(recordings.encoded("a.w64")),
            Files.readAllBytes(recordings.encoded("a.aiff")),
            Files.readAllBytes(recordings.encoded("a.au")),
            Files.readAllBytes(recordings.encoded("a.caf")),
            Files.readAllBytes(recordings.encoded("a.flac")),
            recordings.pcm());
    for (int i = 0; i < streams.size(); i++) {
      Random random = new Random(20261120 + i);
      byte[] stream = streams.get(i);
      out.reset();
      try (StreamDecoder decoder = decoder(Optional.empty())) {
        for (int at = 0; at < stream.length; ) {
          int length = Math.min(stream.length - at, 1 + random.nextInt(3000));
          decoder.write(stream, at, length);
          at += length;
        }
        decoder.finish();
      }
      // FFmpeg's Wave64 writer counts the padding to 8 bytes as audio.
      byte[] pcm = recordings.pcm();
      assertThat(out.size() - pcm.length).as("stream %d", i).isBetween(0, i == WAVE64 ? 6 : 0);
      assertThat(Arrays.copyOf(out.toByteArray(), pcm.length)).as("stream %d", i).isEqualTo(pcm);
    }
  }

  @Test
  void aFileThatIsNotAudioIsRefusedAndNeverHeard() {
    byte[] pdf = "%PDF-1.7 and so on".getBytes(StandardCharsets.US_ASCII);
    try (StreamDecoder decoder = decoder(Optional.empty())) {
      assertThatThrownBy(() -> decoder.write(pdf, 0, pdf.length))
          .isInstanceOfSatisfying(
              DecodeException.class,
              e -> assertThat(e.reason()).isEqualTo(DecodeException.Reason.UNREADABLE));
    }
    assertThat(out.size()).isZero();
  }

  @Test
  void finishingAfterTheCloseStartsNoChild() throws Exception {
    StreamDecoder decoder = decoder(Optional.of(ContainerFormat.MP3));
    decoder.write(new byte[] {1, 2, 3}, 0, 3);
    decoder.close();

    assertThatThrownBy(decoder::finish).isInstanceOf(IOException.class).hasMessage("closed");

    assertThat(ffmpeg.started()).isZero();
  }

  @Test
  void aChildThatStartsWhileItsDecoderIsClosedIsKilled() throws Exception {
    ffmpeg.program();
    StreamDecoder decoder = decoder(Optional.of(ContainerFormat.MP3));
    closedAtStart.add(decoder);

    assertThatThrownBy(() -> decoder.write(new byte[100], 0, 100)).isInstanceOf(IOException.class);

    assertThat(ffmpeg.started()).isEqualTo(1);
    await().until(() -> ffmpeg.running() == 0);
  }
}
