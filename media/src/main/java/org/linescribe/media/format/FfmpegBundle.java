package org.linescribe.media.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Takes the FFmpeg program and its libraries out of Bytedeco's platform jar.
 *
 * <p>Done here and not by JavaCPP's Loader: the program needs no JNI, and without JavaCPP and the
 * bindings the shipped size is this one jar. The folder's name holds the program's size and
 * checksum, so another version is extracted beside it; it appears by one rename, so two processes
 * that start together do not see half of it. A list of its parts and their sizes tells later starts
 * whether it is whole.
 */
final class FfmpegBundle {
  private static final String ROOT = "org/bytedeco/ffmpeg/";
  private static final String PARTS = "parts.txt";

  /** FFmpeg 8.0's libraries, each with the number of its binary interface. */
  private static final List<Library> LIBRARIES =
      List.of(
          new Library("avdevice", 62),
          new Library("avfilter", 11),
          new Library("avformat", 62),
          new Library("avcodec", 62),
          new Library("swresample", 6),
          new Library("swscale", 9),
          new Library("avutil", 60),
          // Linux only; the other platforms' jars lack them.
          new Library("va", 2),
          new Library("va-drm", 2),
          new Library("drm", 2));

  private record Library(String name, int version) {
    String fileName() {
      String platform = platform();
      if (platform.startsWith("windows")) {
        return name + "-" + version + ".dll";
      }
      return platform.startsWith("macosx")
          ? "lib" + name + "." + version + ".dylib"
          : "lib" + name + ".so." + version;
    }
  }

  private FfmpegBundle() {}

  /** The program's path, or empty when this platform's jar is not on the class path. */
  static Optional<Path> extract(Path cacheDirectory) throws IOException {
    String name = isWindows() ? "ffmpeg.exe" : "ffmpeg";
    byte[] program;
    try (InputStream in = resource(name)) {
      if (in == null) {
        return Optional.empty();
      }
      program = in.readAllBytes();
    }
    CRC32 checksum = new CRC32();
    checksum.update(program);
    Path home =
        cacheDirectory.resolve(
            platform() + "-" + program.length + "-" + Long.toHexString(checksum.getValue()));
    if (!isComplete(home)) {
      Files.createDirectories(cacheDirectory);
      Path fresh = Files.createTempDirectory(cacheDirectory, "extract");
      try {
        fill(fresh, name);
        publish(fresh, home);
      } finally {
        delete(fresh);
      }
    }
    return Optional.of(home.resolve(name));
  }

  private static @Nullable InputStream resource(String name) {
    return FfmpegBundle.class.getClassLoader().getResourceAsStream(ROOT + platform() + "/" + name);
  }

  private static void fill(Path directory, String program) throws IOException {
    List<String> names = new ArrayList<>(List.of(program));
    LIBRARIES.forEach(library -> names.add(library.fileName()));
    StringBuilder parts = new StringBuilder();
    for (String name : names) {
      try (InputStream in = resource(name)) {
        if (in != null) {
          Path target = directory.resolve(name);
          parts.append(Files.copy(in, target)).append(' ').append(name).append('\n');
          if (!isWindows() && !target.toFile().setExecutable(true, false)) {
            throw new IOException("cannot be made executable: " + target);
          }
        }
      }
    }
    Files.writeString(directory.resolve(PARTS), parts);
  }

  private static boolean isComplete(Path home) throws IOException {
    Path list = home.resolve(PARTS);
    if (!Files.isRegularFile(list)) {
      return false;
    }
    for (String line : Files.readAllLines(list)) {
      int space = line.indexOf(' ');
      Path part = home.resolve(line.substring(space + 1));
      if (!Files.isRegularFile(part)
          || !Long.toString(Files.size(part)).equals(line.substring(0, Math.max(space, 0)))) {
        return false;
      }
    }
    return true;
  }

  private static void publish(Path fresh, Path home) throws IOException {
    try {
      Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Either another process was faster, or what lies there is damaged.
      if (isComplete(home)) {
        return;
      }
      delete(home);
      Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }

  /** Bytedeco's word for this machine: "linux-x86_64". */
  static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String system = os.startsWith("win") ? "windows" : os.startsWith("mac") ? "macosx" : "linux";
    String cpu =
        switch (arch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm64";
          default -> arch;
        };
    return system + "-" + cpu;
  }

  static boolean isWindows() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("win");
  }
}
