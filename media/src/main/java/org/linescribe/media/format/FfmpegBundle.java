package org.linescribe.media.format;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Takes the FFmpeg program and its libraries out of Bytedeco's platform jar.
 *
 * <p>Done here and not by JavaCPP's Loader: the program needs no JNI, and without JavaCPP and the
 * bindings the shipped size is this one jar. The folder's name holds the program's size and
 * checksum, so another version is extracted beside it; it appears by one rename, so two processes
 * that start together do not see half of it.
 */
final class FfmpegBundle {
  private static final String ROOT = "org/bytedeco/ffmpeg/";

  private FfmpegBundle() {}

  /** The program's path, or empty when this platform's jar is not on the class path. */
  static Optional<Path> extract(Path cacheDirectory) throws IOException {
    String folder = ROOT + platform() + "/";
    String name = isWindows() ? "ffmpeg.exe" : "ffmpeg";
    URL url = FfmpegBundle.class.getClassLoader().getResource(folder + name);
    if (url == null) {
      return Optional.empty();
    }
    URLConnection connection = url.openConnection();
    if (!(connection instanceof JarURLConnection jarConnection)) {
      throw new IOException("not in a jar: " + url);
    }
    // The shared jar must not be closed: the class loader reads from it too.
    JarFile jar = jarConnection.getJarFile();
    JarEntry program = jar.getJarEntry(folder + name);
    List<JarEntry> parts = parts(jar, folder);
    Path home =
        cacheDirectory.resolve(
            platform()
                + "-"
                + program.getSize()
                + "-"
                + Long.toHexString(program.getCrc()).toLowerCase(Locale.ROOT));
    if (!isComplete(home, folder, parts)) {
      Files.createDirectories(cacheDirectory);
      Path fresh = Files.createTempDirectory(cacheDirectory, "extract");
      try {
        for (JarEntry part : parts) {
          copy(jar, part, fresh.resolve(part.getName().substring(folder.length())));
        }
        publish(fresh, home, folder, parts);
      } finally {
        delete(fresh);
      }
    }
    return Optional.of(home.resolve(name));
  }

  private static List<JarEntry> parts(JarFile jar, String folder) {
    List<JarEntry> parts = new ArrayList<>();
    jar.stream()
        .filter(entry -> entry.getName().startsWith(folder) && !entry.isDirectory())
        .filter(entry -> isPart(entry.getName().substring(folder.length())))
        .forEach(parts::add);
    return parts;
  }

  /** The program and what it links; not the JNI bindings, headers and other programs. */
  private static boolean isPart(String name) {
    boolean library = name.contains(".so") || name.endsWith(".dylib") || name.endsWith(".dll");
    return !name.contains("/")
        && !name.contains("jni")
        && (library || name.equals("ffmpeg") || name.equals("ffmpeg.exe"));
  }

  private static boolean isComplete(Path home, String folder, List<JarEntry> parts)
      throws IOException {
    for (JarEntry part : parts) {
      Path file = home.resolve(part.getName().substring(folder.length()));
      if (!Files.isRegularFile(file) || Files.size(file) != part.getSize()) {
        return false;
      }
    }
    return true;
  }

  private static void copy(JarFile jar, JarEntry part, Path target) throws IOException {
    try (InputStream in = jar.getInputStream(part)) {
      Files.copy(in, target);
    }
    if (!isWindows() && !target.toFile().setExecutable(true, false)) {
      throw new IOException("cannot be made executable: " + target);
    }
  }

  private static void publish(Path fresh, Path home, String folder, List<JarEntry> parts)
      throws IOException {
    try {
      Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Either another process was faster, or what lies there is damaged.
      if (isComplete(home, folder, parts)) {
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
