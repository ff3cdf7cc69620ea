package org.linescribe.media.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.media.codec.Pcm16;
import org.linescribe.media.format.DecodeException.Reason;

class FfmpegFileDecoderTest {
  @TempDir Path directory;
  private Ffmpeg ffmpeg;
  private FfmpegFileDecoder files;
  private EncodedRecording recordings;

  @BeforeEach
  void open() {
    ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), new WatchdogsClock());
    files = new FfmpegFileDecoder(ffmpeg);
    recordings = new EncodedRecording(ffmpeg, directory);
  }

  @AfterEach
  void leavesNoChildBehind() {
    ffmpeg.close();
    await().until(() -> ffmpeg.running() == 0);
  }

  private static DecodeRequest request() {
    return new DecodeRequest(AudioInput.auto(), EncodedRecording.RATE_HZ, 1, DecodeLimits.file());
  }

  @Test
  void wavOfSeveralDataChunksOrWithoutAPadByteIsDecodedWhole() throws Exception {
    byte[] wav = Files.readAllBytes(recordings.encoded("a.wav", "-bitexact"));
    Map<String, byte[]> irregular =
        Map.of(
            "two data chunks", IrregularWav.withTwoDataChunks(wav),
            "no pad byte", IrregularWav.withOddListChunk(wav, false),
            "pad byte", IrregularWav.withOddListChunk(wav, true),
            "RIFF size of 0", IrregularWav.withRiffSize(wav, 0));
    for (var one : irregular.entrySet()) {
      Path file = Files.write(directory.resolve("irregular.wav"), one.getValue());
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      PcmSink sink = LiveDecoding.into(out);
      assertThat(files.probe(file).codec()).as(one.getKey()).startsWith("pcm");

      long frames = files.decode(file, request(), sink, DecodeProgress.none());

      assertThat(out.toByteArray()).as(one.getKey()).isEqualTo(recordings.pcm());
      assertThat(frames).as(one.getKey()).isEqualTo(out.size() / 2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a.wav,-c:a pcm_s16le",
    "a.mp3,-b:a 64k",
    "a.flac,-c:a flac",
    "a.aac,-f adts",
    "end.m4a,-c:a aac",
    "start.m4a,-movflags +faststart",
    "a.ogg,-ar 48000 -c:a libopus",
    "a.webm,-ar 48000 -c:a libopus"
  })
  void everyAcceptedContainerDecodes(String name, String arguments) throws Exception {
    Path file = recordings.encoded(name, arguments.split(" "));
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    long frames =
        files.decode(file, request(), pcm -> out.write(Pcm16.bytes(pcm)), DecodeProgress.none());

    assertThat(frames).isEqualTo(out.size() / 2);
    assertThat(frames).isCloseTo(recordings.pcm().length / 2, Offset.offset(2500L));
    assertThat(EncodedRecording.likeness(recordings.pcm(), out.toByteArray())).isGreaterThan(0.9);
  }

  @Test
  void anIndexAtTheEndIsFoundInAFileAndMissedInAPipe() throws Exception {
    Path file = recordings.encodedLong(200, "long.m4a", "-c:a", "aac");
    long frames = files.decode(file, 16_000, pcm -> {});
    assertThat(frames).isGreaterThan(16_000L * 1600);

    byte[] stream = Files.readAllBytes(file);
    FfmpegDecoder piped =
        ffmpeg.decoder(
            new DecodeRequest(
                AudioInput.container(ContainerFormat.MP4), 8000, 1, DecodeLimits.live()),
            pcm -> {});
    assertThatThrownBy(
            () -> {
              piped.write(stream, 0, stream.length);
              piped.finish();
            })
        .isInstanceOfSatisfying(
            DecodeException.class,
            e -> assertThat(e.reason()).isIn(Reason.EMPTY, Reason.UNREADABLE));
  }

  @Test
  void progressRunsUpToTheLengthThatTheFileClaims() throws Exception {
    Path file = recordings.encodedLong(20, "p.m4a", "-c:a", "aac");
    List<Long> decodedMs = new ArrayList<>();
    AtomicReference<OptionalLong> totalMs = new AtomicReference<>(OptionalLong.empty());
    files.decode(
        file,
        request(),
        pcm -> {},
        (decoded, total) -> {
          decodedMs.add(decoded);
          totalMs.set(total);
        });
    assertThat(decodedMs).isSorted().hasSizeGreaterThan(10);
    assertThat(totalMs.get().orElseThrow())
        .isCloseTo(decodedMs.getLast(), Offset.offset(500L))
        .isCloseTo(162_400L, Offset.offset(2000L));
  }

  @Test
  void aProbeTellsDurationCodecAndRateWithoutDecoding() throws Exception {
    AudioProbe probe = files.probe(recordings.encoded("a.m4a", "-c:a", "aac"));
    assertThat(probe.codec()).isEqualTo("aac");
    assertThat(probe.sampleRateHz()).isEqualTo(8000);
    assertThat(probe.durationMs().orElseThrow()).isCloseTo(8120L, Offset.offset(200L));
    assertThat(ffmpeg.faults()).isZero();
  }

  @Test
  void aVideosSoundIsDecodedAndItsPictureIsNot() throws Exception {
    Path file =
        recordings.encoded(
            "av.webm",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=64x64:rate=5",
            "-shortest",
            "-c:v",
            "libvpx",
            "-ar",
            "48000",
            "-c:a",
            "libopus");
    assertThat(files.decode(file, 8000, pcm -> {})).isCloseTo(65_000L, Offset.offset(2500L));
  }

  @Test
  void filesWithoutAudioAreRefused() throws Exception {
    Path empty = Files.createFile(directory.resolve("empty.mp3"));
    Path text = Files.writeString(directory.resolve("text.wav"), "not audio\n".repeat(5000));
    Path missing = directory.resolve("missing.wav");
    Path silentVideo =
        recordings.encoded(
            "v.webm",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=64x64:rate=5:duration=1",
            "-map",
            "1:v",
            "-c:v",
            "libvpx");
    for (Path file : List.of(empty, text, missing, directory, silentVideo)) {
      assertThatThrownBy(() -> files.decode(file, 16_000, pcm -> {}))
          .isInstanceOfSatisfying(
              DecodeException.class,
              e -> assertThat(e.reason()).isIn(Reason.UNREADABLE, Reason.EMPTY));
      assertThatThrownBy(() -> files.probe(file)).isInstanceOf(DecodeException.class);
    }
  }

  @Test
  void aHeaderWithoutASampleIsEmptyNotSilence() throws Exception {
    byte[] wav = Files.readAllBytes(recordings.encoded("h.wav", "-bitexact"));
    Path header = Files.write(directory.resolve("header.wav"), java.util.Arrays.copyOf(wav, 44));
    assertThatThrownBy(() -> files.decode(header, 16_000, pcm -> {}))
        .isInstanceOfSatisfying(
            DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EMPTY));
  }

  @Test
  void aSparseGiantIsStoppedByTheOutputBound() throws Exception {
    Path file = recordings.encoded("giant.wav", "-bitexact");
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(3L << 30);
      raw.seek(40);
      raw.write(new byte[] {0, 0, 0, (byte) 0xBF});
    }
    DecodeRequest bounded =
        new DecodeRequest(AudioInput.auto(), 8000, 1, DecodeLimits.file().withOutputBytes(1 << 20));

    assertThatThrownBy(() -> files.decode(file, bounded, pcm -> {}, DecodeProgress.none()))
        .isInstanceOfSatisfying(
            DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MUCH_OUTPUT));
  }

  @Test
  void anInterruptCancelsAndKills() throws Exception {
    Path file = recordings.encodedLong(20, "c.mp3", "-b:a", "32k");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicReference<DecodeException> thrown = new AtomicReference<>();
    Thread owner =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    files.decode(
                        file,
                        16_000,
                        samples -> {
                          begun.countDown();
                          await().until(() -> release.getCount() == 0);
                        });
                  } catch (DecodeException e) {
                    thrown.set(e);
                  }
                });
    begun.await();
    owner.interrupt();
    owner.join();
    release.countDown();
    assertThat(thrown.get().reason()).isEqualTo(Reason.CANCELLED);
  }

  @Test
  void errorsAreOneCleanShortLine() throws Exception {
    byte[] hostile = ("RIFF\u001b[31m" + "\u0007x".repeat(3000)).getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(directory.resolve("a\u001b[31mb.wav"), hostile);
    assertThatThrownBy(() -> files.decode(file, 16_000, pcm -> {}))
        .isInstanceOf(DecodeException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .matches("[\\x20-\\x7e]{1,260}")
                    .doesNotContain(directory.toString())
                    .doesNotContain("0x"));
  }
}
