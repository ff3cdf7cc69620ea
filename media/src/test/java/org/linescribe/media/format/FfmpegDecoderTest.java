package org.linescribe.media.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.linescribe.media.format.LiveDecoding.into;
import static org.linescribe.media.format.LiveDecoding.of;
import static org.linescribe.media.format.LiveDecoding.request;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.format.DecodeException.Reason;

/** What comes out of a stream, whole or broken. */
class FfmpegDecoderTest {
  private static final long SEED = 20260101;

  @TempDir Path directory;
  private final WatchdogsClock clock = new WatchdogsClock();
  private Ffmpeg ffmpeg;
  private EncodedRecording recordings;

  @BeforeEach
  void open() {
    ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), clock);
    recordings = new EncodedRecording(ffmpeg, directory);
  }

  @AfterEach
  void leavesNoChildBehind() {
    ffmpeg.close();
    await().until(() -> ffmpeg.running() == 0);
  }

  private byte[] decodeInPieces(DecodeRequest request, byte[] stream, Random random)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (FfmpegDecoder decoder = ffmpeg.decoder(request, into(out))) {
      for (int at = 0; at < stream.length; ) {
        int length = Math.min(stream.length - at, 1 + random.nextInt(5000));
        assertThat(decoder.write(stream, at, length)).isTrue();
        at += length;
      }
      decoder.finish();
      assertThat(decoder.inputBytes()).isEqualTo(stream.length);
      assertThat(decoder.outputFrames()).isEqualTo(out.size() / 2);
    }
    return out.toByteArray();
  }

  private Reason reasonFor(DecodeRequest request, byte[] stream) {
    DecodeException failure =
        catchThrowableOfType(
            DecodeException.class,
            () -> {
              try (FfmpegDecoder decoder = ffmpeg.decoder(request, pcm -> {})) {
                decoder.write(stream, 0, stream.length);
                decoder.finish();
              }
            });
    return failure.reason();
  }

  @ParameterizedTest
  @CsvSource({"WAV,a.wav,pcm_s16le", "FLAC,a.flac,flac"})
  void losslessStreamsComeOutBitForBitHoweverTheyAreCut(
      ContainerFormat format, String name, String codec) throws Exception {
    byte[] stream = Files.readAllBytes(recordings.encoded(name, "-c:a", codec));
    for (long seed = SEED; seed < SEED + 3; seed++) {
      byte[] pcm = decodeInPieces(request(of(format)), stream, new Random(seed));
      assertThat(pcm).as("seed %d", seed).isEqualTo(recordings.pcm());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MP3,a.mp3,-c:a libmp3lame -b:a 64k",
    "AAC,a.aac,-f adts",
    "MP4,a.m4a,-movflags +faststart",
    "MP4,f.mp4,-movflags frag_keyframe+empty_moov -frag_duration 500000",
    "OGG,a.ogg,-ar 48000 -c:a libopus",
    "WEBM,a.webm,-ar 48000 -c:a libopus",
    "WAV,a.wav,-c:a pcm_mulaw",
    "AUTO,b.mp3,-c:a libmp3lame -b:a 64k",
    "AUTO,b.flac,-c:a flac",
    "AUTO,b.aac,-f adts"
  })
  void compressedStreamsKeepTheirSpeechHoweverTheyAreCut(
      ContainerFormat format, String name, String arguments) throws Exception {
    byte[] stream = Files.readAllBytes(recordings.encoded(name, arguments.split(" ")));

    byte[] pcm = decodeInPieces(request(of(format)), stream, new Random(SEED));

    assertThat(pcm.length / 2)
        .isCloseTo(recordings.pcm().length / 2, org.assertj.core.data.Offset.offset(2500));
    assertThat(EncodedRecording.likeness(recordings.pcm(), pcm)).isGreaterThan(0.9);
  }

  @Test
  void rawPcmIsConvertedInRateAndChannels() throws Exception {
    DecodeRequest toStereo16k =
        new DecodeRequest(new AudioInput.RawPcm16(8000, 1), 16_000, 2, DecodeLimits.live());
    byte[] mono = recordings.pcm();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (FfmpegDecoder decoder = ffmpeg.decoder(toStereo16k, into(out))) {
      decoder.write(mono, 0, mono.length);
      decoder.finish();
    }
    assertThat(out.size()).isCloseTo(mono.length * 4, org.assertj.core.data.Offset.offset(400));
    byte[] stereo = out.toByteArray();
    for (int i = 0; i + 3 < stereo.length; i += 4) {
      assertThat(stereo[i]).isEqualTo(stereo[i + 2]);
      assertThat(stereo[i + 1]).isEqualTo(stereo[i + 3]);
    }
  }

  @Test
  void samplesAreThoseOfTheInput() throws Exception {
    byte[] pcm = recordings.pcm();
    List<Short> heard = new ArrayList<>();
    DecodeRequest request =
        DecodeRequest.mono(new AudioInput.RawPcm16(8000, 1), 8000, DecodeLimits.live());
    PcmSink sink =
        samples -> {
          for (short sample : samples) {
            heard.add(sample);
          }
        };
    try (FfmpegDecoder decoder = ffmpeg.decoder(request, sink)) {
      decoder.write(pcm, 0, pcm.length);
      decoder.finish();
    }
    assertThat(heard).hasSize(pcm.length / 2);
    for (int i = 0; i < pcm.length / 2; i++) {
      short sample = (short) ((pcm[2 * i] & 0xFF) | (pcm[2 * i + 1] << 8));
      assertThat(heard.get(i)).isEqualTo(sample);
    }
  }

  @Test
  void audioComesOutWhileTheStreamIsStillOpen() throws Exception {
    byte[] stream = Files.readAllBytes(recordings.encodedLong(4, "l.mp3", "-b:a", "64k"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (FfmpegDecoder decoder = ffmpeg.decoder(request(of(ContainerFormat.MP3)), into(out))) {
      decoder.write(stream, 0, stream.length * 3 / 4);
      await().until(() -> decoder.outputFrames() > EncodedRecording.RATE_HZ * 16L);
    }
  }

  @Test
  void bytesAfterTheStreamsOwnEndAreNotTakenAndAreNoError() throws Exception {
    Path fake = directory.resolve("fake-ffmpeg");
    Files.writeString(
        fake,
        """
        #!/bin/sh
        case "$*" in
          *-version*) echo "ffmpeg version fake" ;;
          *-protocols*) ;;
          *) head -c 1000 ;;
        esac
        """);
    assertThat(fake.toFile().setExecutable(true)).isTrue();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] bytes = new byte[64 * 1024];
    try (Ffmpeg faked = new Ffmpeg(new FfmpegSettings(Optional.of(fake), directory, 1), clock);
        FfmpegDecoder decoder = faked.decoder(request(of(ContainerFormat.WAV)), into(out))) {
      boolean taken = true;
      for (int i = 0; i < 100 && taken; i++) {
        taken = decoder.write(bytes, 0, bytes.length);
      }
      assertThat(taken).isFalse();
      decoder.finish();
      assertThat(decoder.write(bytes, 0, 1)).isFalse();
    }
    assertThat(out.size()).isEqualTo(1000);
  }

  @ParameterizedTest
  @EnumSource(ContainerFormat.class)
  void garbageIsRefusedAsUnreadable(ContainerFormat format) {
    byte[] garbage = new byte[200_000];
    new Random(SEED).nextBytes(garbage);
    assertThat(reasonFor(request(of(format)), garbage)).isIn(Reason.UNREADABLE, Reason.EMPTY);
  }

  @ParameterizedTest
  @EnumSource(ContainerFormat.class)
  void nothingAtAllIsAnError(ContainerFormat format) {
    assertThat(reasonFor(request(of(format)), new byte[0])).isIn(Reason.UNREADABLE, Reason.EMPTY);
  }

  @Test
  void aTruncatedStreamGivesTheAudioBeforeTheCut() throws Exception {
    byte[] stream = Files.readAllBytes(recordings.encoded("a.flac"));
    byte[] half = Arrays.copyOf(stream, stream.length / 2);
    byte[] pcm = decodeInPieces(request(of(ContainerFormat.FLAC)), half, new Random(SEED));
    assertThat(pcm.length).isGreaterThan(40_000);
    assertThat(Arrays.copyOf(recordings.pcm(), 40_000)).isEqualTo(Arrays.copyOf(pcm, 40_000));
  }

  @Test
  void aStreamOfUnknownLengthDecodesWhateverItsHeaderClaims() throws Exception {
    byte[] stream = Files.readAllBytes(recordings.encoded("a.wav", "-bitexact"));
    for (int at : new int[] {4, 40}) {
      Arrays.fill(stream, at, at + 4, (byte) 0xFF);
    }
    byte[] pcm = decodeInPieces(request(of(ContainerFormat.WAV)), stream, new Random(SEED));
    assertThat(pcm).isEqualTo(recordings.pcm());
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16, 20, 24, 28, 32, 36, 40})
  void hugeNumbersInAWavHeaderNeverHangNorCrash(int offset) throws Exception {
    byte[] stream = Files.readAllBytes(recordings.encoded("a.wav", "-bitexact"));
    Arrays.fill(stream, offset, offset + 4, (byte) 0x7F);
    DecodeRequest request = request(of(ContainerFormat.WAV));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (FfmpegDecoder decoder = ffmpeg.decoder(request, into(out))) {
      decoder.write(stream, 0, stream.length);
      decoder.finish();
    } catch (DecodeException e) {
      assertThat(e.reason()).isIn(Reason.UNREADABLE, Reason.EMPTY, Reason.TOO_MUCH_MEMORY);
    }
  }

  @Test
  void mutatedStreamsEndInAudioOrInATypedError() throws Exception {
    List<byte[]> streams =
        List.of(
            Files.readAllBytes(recordings.encoded("m.mp3", "-b:a", "32k")),
            Files.readAllBytes(recordings.encoded("m.m4a", "-movflags", "+faststart")),
            Files.readAllBytes(recordings.encoded("m.ogg", "-ar", "48000", "-c:a", "libopus")),
            Files.readAllBytes(recordings.encoded("m.webm", "-ar", "48000", "-c:a", "libopus")),
            Files.readAllBytes(recordings.encoded("m.flac")));
    for (int round = 0; round < 40; round++) {
      Random random = new Random(SEED + round);
      byte[] stream = streams.get(round % streams.size()).clone();
      for (int i = 0; i < 30; i++) {
        stream[random.nextInt(i % 3 == 0 ? 200 : stream.length)] = (byte) random.nextInt();
      }
      try {
        decodeInPieces(request(AudioInput.auto()), stream, random);
      } catch (DecodeException e) {
        assertThat(e.reason()).as("seed %d", SEED + round).isNotEqualTo(Reason.HUNG);
      } catch (AssertionError endedEarly) {
        assertThat(endedEarly).as("seed %d", SEED + round).hasMessageContaining("true");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hls", "concat", "ffmetadata", "dash"})
  void playlistsReachNeitherHostsNorFiles(String kind) throws Exception {
    Path secret = recordings.encoded("secret.wav");
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + server.getLocalPort() + "/a.wav";
      String text =
          switch (kind) {
            case "hls" ->
                "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"
                    + url
                    + "\n#EXTINF:10,\nfile://"
                    + secret
                    + "\n#EXT-X-ENDLIST\n";
            case "concat" -> "ffconcat version 1.0\nfile '" + secret + "'\nfile '" + url + "'\n";
            case "dash" ->
                "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"><Period><AdaptationSet><Representation"
                    + " id=\"1\"><BaseURL>"
                    + url
                    + "</BaseURL></Representation></AdaptationSet></Period></MPD>";
            default -> ";FFMETADATA1\ntitle=" + url + "\n";
          };
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      assertThat(reasonFor(request(AudioInput.auto()), bytes)).isEqualTo(Reason.UNREADABLE);
      Path file = Files.write(directory.resolve("innocent.wav"), bytes);
      assertThatThrownBy(() -> new FfmpegFileDecoder(ffmpeg).decode(file, 16_000, pcm -> {}))
          .isInstanceOfSatisfying(
              DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNREADABLE));
      // Connections are queued in their order: a child's would come before ours.
      try (Socket ours = new Socket(server.getInetAddress(), server.getLocalPort());
          Socket first = server.accept()) {
        assertThat(first.getPort()).isEqualTo(ours.getLocalPort());
      }
    }
  }
}
