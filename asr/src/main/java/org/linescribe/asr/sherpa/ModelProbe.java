package org.linescribe.asr.sherpa;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;
import org.linescribe.media.resources.ResourceFiles;

/**
 * Tries a model in a child JVM before it may be loaded here: sherpa-onnx ends its process by exit,
 * abort or a segmentation fault on a model that it does not like.
 *
 * <p>Thread: any; blocks until the child ends or its time is up. The child inherits its arguments
 * and no secrets of our environment, and leaves nothing behind.
 */
final class ModelProbe {
  static final Duration TIMEOUT = Duration.ofSeconds(120);

  /** Where libraries and the cache are; Windows starts nothing without its root. */
  static final Set<String> INHERITED =
      Set.of("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "XDG_CACHE_HOME", "SystemRoot");

  private static final List<String> QUICK_START = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1");

  private static final int SIGNAL_BASE = 128;
  private static final int TAIL_BYTES = 4000;

  private ModelProbe() {}

  /**
   * @throws RecogniserException when the model is unsound; it names the folder, what was being done
   *     and what became of the child
   */
  static void probe(ModelFiles model, Duration timeout) {
    List<String> arguments = new ArrayList<>();
    arguments.add(model.type().name());
    arguments.add(Integer.toString(model.sampleRateHz()));
    arguments.add(model.decodingMethod());
    arguments.add("language=" + model.language());
    arguments.add(model.tokens().toAbsolutePath().toString());
    model.files().forEach((role, file) -> arguments.add(role + "=" + file.toAbsolutePath()));
    Path directory = model.tokens().toAbsolutePath().getParent();
    tryIn(directory, scratch -> command(ProbeMain.class, QUICK_START, arguments, scratch), timeout);
  }

  /**
   * @param command of the child, for its working folder
   */
  static void tryIn(
      @Nullable Path directory, Function<Path, List<String>> command, Duration timeout) {
    Path scratch = null;
    Process child = null;
    try {
      scratch = Files.createTempDirectory("linescribe-probe");
      Path out = scratch.resolve("out");
      Path err = scratch.resolve("err");
      ProcessBuilder builder =
          new ProcessBuilder(command.apply(scratch))
              .directory(scratch.toFile())
              .redirectInput(ProcessBuilder.Redirect.PIPE)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().keySet().retainAll(INHERITED);
      child = builder.start();
      child.getOutputStream().close();
      boolean ended = child.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
      String said = tail(out);
      if (ended && child.exitValue() == 0 && said.contains(ProbeMain.SOUND)) {
        return;
      }
      String fault =
          ended
              ? fate(child.exitValue())
              : "did not end within " + timeout.toSeconds() + " s and was killed";
      throw new RecogniserException(
          directory
              + ": the model is unsound: a trial process "
              + fault
              + (said.contains(ProbeMain.DECODING) ? " while decoding" : " while loading")
              + reason(tail(err)));
    } catch (IOException e) {
      throw new RecogniserException(directory + ": the model cannot be tried: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecogniserException(directory + ": the trial was interrupted", e);
    } finally {
      if (child != null) {
        child.destroyForcibly();
      }
      delete(scratch);
    }
  }

  /**
   * @param main of our class path, packed or not
   * @param options for the JVM
   * @param scratch takes what a crash leaves
   */
  static List<String> command(
      Class<?> main, List<String> options, List<String> arguments, Path scratch) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + scratch.resolve("crash")));
    command.addAll(options);
    command.add("-Dlinescribe.cache=" + ResourceFiles.cacheDirectory());
    String classPath = System.getProperty("java.class.path");
    command.add("-cp");
    command.add(absolute(classPath));
    if (isPacked(String.valueOf(main.getResource(main.getSimpleName() + ".class")))) {
      command.add("-Dloader.main=" + main.getName());
      command.add("org.springframework.boot.loader.launch.PropertiesLauncher");
    } else {
      command.add(main.getName());
    }
    command.addAll(arguments);
    return command;
  }

  /**
   * Spring Boot's packing: our classes lie in a jar within the jar, which only its loader reads.
   *
   * @param url of one of our classes: {@code jar:nested:/opt/x.jar/!BOOT-INF/lib/y.jar!/…} then
   */
  static boolean isPacked(String url) {
    return url.startsWith("jar:nested:") || url.contains("!/BOOT-INF/");
  }

  private static String absolute(String classPath) {
    String separator = System.getProperty("path.separator");
    return String.join(
        separator,
        Stream.of(classPath.split(Pattern.quote(separator)))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .toList());
  }

  static String fate(int status) {
    if (status > SIGNAL_BASE && status < SIGNAL_BASE + 32) {
      int signal = status - SIGNAL_BASE;
      return "was killed by "
          + switch (signal) {
            case 6 -> "SIGABRT (native code gave up)";
            case 9 -> "SIGKILL (out of memory?)";
            case 11 -> "SIGSEGV (native code crashed)";
            default -> "signal " + signal;
          };
    }
    return "ended with status " + status;
  }

  /** The library's own words; of a crash of the JVM, the words before it. */
  static String reason(String err) {
    String last = "";
    for (String line : err.lines().toList()) {
      String words = line.strip();
      if (words.startsWith("# ") || words.equals("#")) {
        break;
      }
      if (!words.isEmpty() && !words.startsWith("at ")) {
        last = words;
      }
    }
    return last.isEmpty() ? "" : ": " + last;
  }

  static String tail(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int from = Math.max(0, bytes.length - TAIL_BYTES);
    return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
  }

  static void delete(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      folder.toFile().deleteOnExit();
    }
  }
}
