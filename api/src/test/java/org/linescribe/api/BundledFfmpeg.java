package org.linescribe.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegSettings;
import org.linescribe.testsupport.ProgramRun;

/** Makes test files by the FFmpeg that comes with the program, so that none need be installed. */
public final class BundledFfmpeg {
  private BundledFfmpeg() {}

  /** Runs FFmpeg with these arguments; the last names the file that it makes. */
  public static void run(List<String> arguments) throws IOException, InterruptedException {
    try (Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime)) {
      List<String> command =
          new ArrayList<>(
              List.of(ffmpeg.program().path().toString(), "-nostdin", "-loglevel", "error", "-y"));
      command.addAll(arguments);
      ProgramRun.of(Path.of("."), command).succeeded();
    }
  }

  /** A WAV file, played as often as said, in another container. */
  public static byte[] encoded(Path wav, int times, Path target, String... arguments)
      throws IOException, InterruptedException {
    List<String> all =
        new ArrayList<>(List.of("-stream_loop", String.valueOf(times - 1), "-i", wav.toString()));
    all.addAll(List.of(arguments));
    all.add(target.toString());
    run(all);
    return Files.readAllBytes(target);
  }
}
