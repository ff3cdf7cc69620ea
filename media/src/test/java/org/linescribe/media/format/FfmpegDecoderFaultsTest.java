package org.linescribe.media.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.linescribe.media.format.LiveDecoding.into;
import static org.linescribe.media.format.LiveDecoding.of;
import static org.linescribe.media.format.LiveDecoding.request;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.format.DecodeException.Reason;
import org.linescribe.testsupport.ProcessSignal;

/** A child that crashes, hangs, floods or is one too many. */
class FfmpegDecoderFaultsTest {
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

  @Test
  void aKilledChildIsACrashAndItsPlaceIsFree() throws Exception {
    byte[] stream = Files.readAllBytes(recordings.encodedLong(4, "l.mp3", "-b:a", "64k"));
    try (FfmpegDecoder decoder = ffmpeg.decoder(request(of(ContainerFormat.MP3)), pcm -> {})) {
      decoder.write(stream, 0, stream.length / 2);
      ProcessSignal.send("KILL", decoder.pid());
      await().until(decoder::hasEnded);
      assertThatThrownBy(() -> decoder.write(stream, 0, 100))
          .isInstanceOfSatisfying(
              DecodeException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(Reason.CRASHED);
                assertThat(e).hasMessageContaining("signal 9");
              });
    }
    assertThat(ffmpeg.faults()).isEqualTo(1);
    await().until(() -> ffmpeg.running() == 0);
  }

  @Test
  void aHungChildIsKilledWhileInputIsPending() throws Exception {
    DecodeLimits impatient = DecodeLimits.live().withStall(Duration.ofMillis(300));
    DecodeRequest request = new DecodeRequest(new AudioInput.RawPcm16(8000, 1), 8000, 1, impatient);
    byte[] megabyte = new byte[1 << 20];
    try (FfmpegDecoder decoder = ffmpeg.decoder(request, pcm -> {})) {
      decoder.write(megabyte, 0, 1000);
      ProcessSignal.send("STOP", decoder.pid());
      clock.advanceWithEveryLook(Duration.ofMillis(100));
      assertThatThrownBy(() -> decoder.write(megabyte, 0, megabyte.length))
          .isInstanceOfSatisfying(
              DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HUNG));
    }
  }

  @Test
  void aHungChildIsKilledAfterTheEndOfItsInput() throws Exception {
    DecodeLimits impatient = DecodeLimits.live().withStall(Duration.ofMillis(300));
    DecodeRequest request = new DecodeRequest(new AudioInput.RawPcm16(8000, 1), 8000, 1, impatient);
    try (FfmpegDecoder decoder = ffmpeg.decoder(request, pcm -> {})) {
      ProcessSignal.send("STOP", decoder.pid());
      decoder.write(new byte[1000], 0, 1000);
      clock.advanceWithEveryLook(Duration.ofMillis(100));
      assertThatThrownBy(decoder::finish)
          .isInstanceOfSatisfying(
              DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HUNG));
    }
  }

  @Test
  void aSlowSinkHoldsTheWriterBackAndIsNotTakenForAHungChild() throws Exception {
    DecodeLimits impatient = DecodeLimits.live().withStall(Duration.ofMillis(100));
    DecodeRequest request = new DecodeRequest(new AudioInput.RawPcm16(8000, 1), 8000, 1, impatient);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PcmSink slow =
        pcm -> {
          entered.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          into(out).accept(pcm);
        };
    byte[] megabyte = new byte[1 << 20];
    try (FfmpegDecoder decoder = ffmpeg.decoder(request, slow)) {
      FutureTask<Boolean> writing =
          new FutureTask<>(() -> decoder.write(megabyte, 0, megabyte.length));
      Thread.ofVirtual().start(writing);
      entered.await();
      clock.advanceWithEveryLook(Duration.ofSeconds(1));
      int looks = clock.looks();
      await().until(() -> clock.looks() >= looks + 20);
      assertThat(decoder.hasEnded()).isFalse();
      assertThat(decoder.inputBytes()).isLessThan(megabyte.length);
      clock.stop();
      release.countDown();
      assertThat(writing.get()).isTrue();
      decoder.finish();
    }
    assertThat(out.size()).isEqualTo(megabyte.length);
  }

  @Test
  void aSinkThatThrowsEndsTheDecodingWithItsReason() throws Exception {
    IOException full = new IOException("no space left");
    assertEndsTheDecoding(
        pcm -> {
          throw full;
        },
        full);
    assertThat(ffmpeg.faults()).isZero();
  }

  @Test
  void aSinkWithABugDoesNotPassForTheEndOfTheStream() throws Exception {
    Error bug = new AssertionError("a sink's bug");
    assertEndsTheDecoding(
        pcm -> {
          throw bug;
        },
        bug);
  }

  private void assertEndsTheDecoding(PcmSink failing, Throwable why) throws Exception {
    byte[] stream = Files.readAllBytes(recordings.encoded("a.flac"));
    try (FfmpegDecoder decoder = ffmpeg.decoder(request(of(ContainerFormat.FLAC)), failing)) {
      assertThatThrownBy(
              () -> {
                decoder.write(stream, 0, stream.length);
                decoder.finish();
              })
          .isInstanceOfSatisfying(
              DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.SINK_FAILED))
          .hasRootCause(why);
    }
  }

  @Test
  void aChildThatStartsWhileItsOwnerClosesIsKilled() throws Exception {
    List<Ffmpeg> closing = new ArrayList<>();
    Ffmpeg racing =
        new Ffmpeg(
            FfmpegSettings.defaults(),
            () -> {
              // Read when the process runs and nobody but its starter knows it.
              closing.forEach(Ffmpeg::close);
              return 0;
            });
    racing.program();
    closing.add(racing);

    FfmpegDecoder decoder = racing.decoder(request(of(ContainerFormat.MP3)), pcm -> {});

    assertThatThrownBy(decoder::finish)
        .isInstanceOfSatisfying(
            DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
    await().until(() -> racing.running() == 0);
  }

  @Test
  void outputBeyondTheBoundIsCutOff() throws Exception {
    byte[] stream = Files.readAllBytes(recordings.encoded("a.flac"));
    AtomicInteger delivered = new AtomicInteger();
    DecodeRequest request =
        new DecodeRequest(
            of(ContainerFormat.FLAC), 8000, 1, DecodeLimits.live().withOutputBytes(50_000));

    try (FfmpegDecoder decoder =
        ffmpeg.decoder(request, pcm -> delivered.addAndGet(Short.BYTES * pcm.length))) {
      assertThatThrownBy(
              () -> {
                decoder.write(stream, 0, stream.length);
                decoder.finish();
              })
          .isInstanceOfSatisfying(
              DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MUCH_OUTPUT));
    }
    assertThat(delivered.get()).isLessThanOrEqualTo(50_000);
  }

  @Test
  void aChildLivesNoLongerThanItsTotalTime() throws Exception {
    DecodeRequest request =
        new DecodeRequest(
            new AudioInput.RawPcm16(8000, 1),
            8000,
            1,
            DecodeLimits.live().withTotal(Duration.ofMillis(200)));
    try (FfmpegDecoder decoder = ffmpeg.decoder(request, pcm -> {})) {
      clock.advanceWithEveryLook(Duration.ofMillis(100));
      await().until(decoder::hasEnded);
      assertThatThrownBy(decoder::finish)
          .isInstanceOfSatisfying(
              DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_LONG));
    }
  }

  @Test
  void oneChildMoreThanAllowedIsRefusedAsBusy() throws Exception {
    FfmpegSettings two =
        new FfmpegSettings(
            Optional.of(ffmpeg.program().path()), FfmpegSettings.defaults().cacheDirectory(), 2);
    try (Ffmpeg small = new Ffmpeg(two, clock)) {
      DecodeRequest request = request(of(ContainerFormat.MP3));
      FfmpegDecoder first = small.decoder(request, pcm -> {});
      small.decoder(request, pcm -> {});
      assertThatThrownBy(() -> small.decoder(request, pcm -> {}))
          .isInstanceOfSatisfying(
              DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUSY));
      assertThat(small.refused()).isEqualTo(1);
      first.close();
      await().until(() -> small.running() == 1);
      small.decoder(request, pcm -> {}).close();
      assertThat(small.started()).isEqualTo(3);
    }
  }

  @Test
  void closingKillsEveryChildEvenAStoppedOne() throws Exception {
    FfmpegDecoder decoder = ffmpeg.decoder(request(of(ContainerFormat.MP3)), pcm -> {});
    ProcessSignal.send("STOP", decoder.pid());
    ffmpeg.close();
    await().until(() -> ProcessHandle.of(decoder.pid()).isEmpty());
    assertThatThrownBy(() -> ffmpeg.decoder(request(of(ContainerFormat.MP3)), pcm -> {}))
        .isInstanceOf(DecodeException.class);
  }

  @Test
  void aChildRunsUnderKernelLimitsAndWithoutOurEnvironment() throws Exception {
    try (FfmpegDecoder decoder = ffmpeg.decoder(request(of(ContainerFormat.MP3)), pcm -> {})) {
      Path proc = Path.of("/proc", String.valueOf(decoder.pid()));
      await().until(() -> Files.readString(proc.resolve("comm")).strip().equals("ffmpeg"));
      String limits = Files.readString(proc.resolve("limits"));
      assertThat(limits)
          .containsPattern("Max address space +536870912 +536870912")
          .containsPattern("Max file size +0 +0")
          .containsPattern("Max core file size +0 +0")
          .containsPattern("Max cpu time +3600 ");
      assertThat(Files.readString(proc.resolve("environ"))).doesNotContain("HOME=", "USER=");
    }
  }
}
