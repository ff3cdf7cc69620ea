package org.linescribe.media.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.format.DecodeException.Reason;
import org.linescribe.testsupport.ProcessSignal;

class FfmpegProgramTest {
  @TempDir Path directory;

  private FfmpegSettings bundled() {
    return new FfmpegSettings(Optional.empty(), directory.resolve("cache"), 4);
  }

  @Test
  void theBundledProgramIsExtractedOnceAndRuns() throws Exception {
    FfmpegProgram first = FfmpegProgram.find(bundled());
    assertThat(first.path()).startsWithRaw(directory.resolve("cache"));
    assertThat(first.version()).startsWith("8.0");
    assertThat(first.seekableStdin()).isTrue();
    FileTime written = Files.getLastModifiedTime(first.path());

    FfmpegProgram second = FfmpegProgram.find(bundled());

    assertThat(second).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(second.path())).isEqualTo(written);
    try (var entries = Files.list(directory.resolve("cache"))) {
      assertThat(entries).as("no temporary folder stays").hasSize(1);
    }
    try (var parts = Files.list(first.path().getParent())) {
      assertThat(parts).noneMatch(part -> part.getFileName().toString().contains("jni"));
    }
  }

  /** The loader itself lists what it would load: a bare Debian holds only the last two kinds. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void bundledProgramNeedsOnlyItsOwnLibrariesAndTheCAndCxxRuntime() throws Exception {
    Path program = FfmpegProgram.find(bundled()).path();
    ProcessBuilder loader = new ProcessBuilder(program.toString()).redirectErrorStream(true);
    loader.environment().clear();
    loader.environment().put("LD_TRACE_LOADED_OBJECTS", "1");
    Process process = loader.start();
    String listing = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

    assertThat(process.waitFor()).as(listing).isZero();
    assertThat(listing.lines())
        .as(listing)
        .hasSizeGreaterThan(8)
        .allMatch(
            line ->
                line.contains(program.getParent() + "/lib")
                    || line.strip()
                        .matches(
                            "(linux-vdso|lib(c|m|dl|pthread|rt|gcc_s)|libstdc\\+\\+|\\S*/ld-linux-\\S+)"
                                + "\\.so.*"));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void bundledProgramRunsInAnEmptyEnvironment() throws Exception {
    ProcessBuilder program =
        new ProcessBuilder(
            FfmpegProgram.find(bundled()).path().toString(), "-hide_banner", "-decoders");
    program.environment().clear();
    Process process = program.start();
    process.getOutputStream().close();
    String decoders =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

    assertThat(process.waitFor()).isZero();
    assertThat(decoders)
        .contains(" opus ", " vorbis ", " mp3 ", " flac ", " aac ", " alac ")
        .contains(" amrnb ", " amrwb ", " pcm_alaw ", " pcm_mulaw ");
  }

  @Test
  void aDamagedCacheIsReplaced() throws Exception {
    FfmpegProgram program = FfmpegProgram.find(bundled());
    Files.write(program.path().resolveSibling("libavcodec.so.62"), new byte[100]);
    assertThat(FfmpegProgram.find(bundled())).isEqualTo(program);
    assertThat(Files.size(program.path().resolveSibling("libavcodec.so.62")))
        .isGreaterThan(1000000);
  }

  @Test
  void aProgramThatIsNamedAndDoesNotRunIsAnErrorWithItsOwnWords() throws Exception {
    Path broken = directory.resolve("ffmpeg");
    Files.writeString(
        broken,
        "#!/bin/sh\n"
            + "echo 'ffmpeg: error while loading shared libraries: libpulse.so.0' >&2\n"
            + "exit 127\n");
    assertThat(broken.toFile().setExecutable(true)).isTrue();
    assertThatThrownBy(
            () -> FfmpegProgram.find(new FfmpegSettings(Optional.of(broken), directory, 4)))
        .isInstanceOfSatisfying(
            DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE))
        .hasMessageContaining("libpulse.so.0");
    assertThatThrownBy(
            () ->
                FfmpegProgram.find(
                    new FfmpegSettings(Optional.of(directory.resolve("none")), directory, 4)))
        .isInstanceOfSatisfying(
            DecodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
  }

  @Test
  void aStoppedChildDiesWithTheJvm() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Owner.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(jvm.getInputStream(), StandardCharsets.US_ASCII))) {
      String line = out.readLine();
      while (line != null && !line.startsWith("pid ")) {
        line = out.readLine();
      }
      assertThat(line).isNotNull();
      long pid = Long.parseLong(line.substring(4));
      ProcessSignal.send("STOP", pid);
      assertThat(ProcessHandle.of(pid)).isPresent();

      jvm.getOutputStream().close();

      assertThat(jvm.waitFor(2, TimeUnit.MINUTES)).isTrue();
      await().until(() -> ProcessHandle.of(pid).isEmpty());
    } finally {
      jvm.destroyForcibly();
    }
  }

  /** A program that owns a child and ends by System.exit when its input ends. */
  static final class Owner {
    private Owner() {}

    @SuppressWarnings("resource")
    public static void main(String[] arguments) throws IOException {
      Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime);
      FfmpegDecoder decoder =
          ffmpeg.decoder(
              new DecodeRequest(AudioInput.auto(), 8000, 1, DecodeLimits.live()), pcm -> {});
      System.out.println("pid " + decoder.pid());
      System.out.flush();
      if (System.in.read() < 0) {
        System.exit(0);
      }
    }
  }
}
