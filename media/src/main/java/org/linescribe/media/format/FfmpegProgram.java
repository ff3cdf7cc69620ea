package org.linescribe.media.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.linescribe.media.resources.ResourceFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An FFmpeg executable that has been seen to run on this machine.
 *
 * <p>Sought in this order: the one that the settings name (an error when it does not run), the one
 * bundled for the platform that LineScribe was built on, {@code ffmpeg} on the PATH.
 *
 * @param path the executable
 * @param version what it calls itself
 * @param seekableStdin whether it has the "fd" protocol (6.0 and newer), by which a file is handed
 *     over as an open descriptor and no path is given to it
 */
public record FfmpegProgram(Path path, String version, boolean seekableStdin) {
  private static final Logger LOG = LoggerFactory.getLogger(FfmpegProgram.class);
  private static final Pattern VERSION = Pattern.compile("^ffmpeg version (\\S+)");
  private static final Pattern FD_PROTOCOL = Pattern.compile("(?m)^\\s*fd\\s*$");

  /** Finds a program and runs it once to see its version. Blocks. */
  public static FfmpegProgram find(FfmpegSettings settings) throws DecodeException {
    if (settings.binary().isPresent()) {
      return verified(settings.binary().get());
    }
    DecodeException bundledFailed;
    String folder = "ffmpeg/" + platform();
    ClassLoader loader = FfmpegProgram.class.getClassLoader();
    try {
      if (ResourceFiles.exist(loader, folder)) {
        Path unpacked = ResourceFiles.unpack(loader, folder, settings.cacheDirectory());
        return verified(unpacked.resolve(executableName()));
      }
      bundledFailed =
          new DecodeException(
              DecodeException.Reason.UNAVAILABLE, "no FFmpeg is bundled for " + platform());
    } catch (DecodeException e) {
      bundledFailed = e;
    } catch (IOException e) {
      bundledFailed =
          new DecodeException(
              DecodeException.Reason.UNAVAILABLE,
              "the bundled FFmpeg cannot be unpacked to " + settings.cacheDirectory() + ": " + e,
              e);
    }
    Optional<Path> onPath = onPath();
    if (onPath.isPresent()) {
      LOG.warn("{}; using {}", bundledFailed.getMessage(), onPath.get());
      return verified(onPath.get());
    }
    throw bundledFailed;
  }

  private static FfmpegProgram verified(Path program) throws DecodeException {
    String banner = output(program, "-version");
    Matcher version = VERSION.matcher(banner);
    if (!version.find()) {
      throw new DecodeException(
          DecodeException.Reason.UNAVAILABLE,
          program + " is not an FFmpeg that runs here: " + StderrReader.clean(banner.strip()));
    }
    boolean fd = FD_PROTOCOL.matcher(output(program, "-protocols")).find();
    return new FfmpegProgram(program, version.group(1), fd);
  }

  private static String output(Path program, String argument) throws DecodeException {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(List.of(program.toString(), "-hide_banner", argument));
      builder.redirectErrorStream(true);
      builder.redirectInput(ProcessBuilder.Redirect.from(nullDevice()));
      Process process = builder.start();
      // A program that is no FFmpeg may neither answer nor end.
      process
          .onExit()
          .orTimeout(60, TimeUnit.SECONDS)
          .exceptionally(
              late -> {
                process.destroyForcibly();
                return process;
              });
      try (var stdout = process.getInputStream()) {
        return new String(stdout.readNBytes(64 * 1024), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw new DecodeException(
          DecodeException.Reason.UNAVAILABLE, program + " does not run: " + e.getMessage(), e);
    }
  }

  private static java.io.File nullDevice() {
    return new java.io.File(isWindows() ? "NUL" : "/dev/null");
  }

  private static Optional<Path> onPath() {
    String path = System.getenv("PATH");
    if (path == null) {
      return Optional.empty();
    }
    for (String directory : path.split(java.io.File.pathSeparator)) {
      if (!directory.isEmpty()) {
        Path candidate = Path.of(directory, executableName());
        if (Files.isExecutable(candidate)) {
          return Optional.of(candidate);
        }
      }
    }
    return Optional.empty();
  }

  private static String executableName() {
    return isWindows() ? "ffmpeg.exe" : "ffmpeg";
  }

  /** Bytedeco's name of this platform: "linux-x86_64". */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String system = os.startsWith("win") ? "windows" : os.startsWith("mac") ? "macosx" : "linux";
    return system + "-" + arch.replace("amd64", "x86_64").replace("aarch64", "arm64");
  }

  static boolean isWindows() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("win");
  }
}
