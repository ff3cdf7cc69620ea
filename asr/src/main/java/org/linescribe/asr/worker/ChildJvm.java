package org.linescribe.asr.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.linescribe.media.resources.ResourceFiles;

/**
 * A JVM that runs native code which may end its process: what it is started with, and what became
 * of it.
 */
public final class ChildJvm {
  /** Where libraries and the cache are; Windows starts nothing without its root. */
  private static final Set<String> INHERITED =
      Set.of("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "XDG_CACHE_HOME", "SystemRoot");

  private static final int SIGNAL_BASE = 128;

  private ChildJvm() {}

  /**
   * The child, ready to be started: it inherits no secrets of our environment and leaves no core
   * dump.
   *
   * @param main a class of this program with a main method
   * @param folder its working folder, for what it writes should it crash, and for its temporary
   *     files: it may end at any time
   * @param options for the JVM
   */
  public static ProcessBuilder of(
      Class<?> main, Path folder, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + folder.resolve("crash")));
    command.addAll(options);
    command.add("-Djava.io.tmpdir=" + folder.toAbsolutePath());
    command.add("-Dlinescribe.cache=" + ResourceFiles.cacheDirectory());
    command.add("-cp");
    command.add(absolute(System.getProperty("java.class.path")));
    if (isPacked(String.valueOf(main.getResource(main.getSimpleName() + ".class")))) {
      command.add("-Dloader.main=" + main.getName());
      command.add("org.springframework.boot.loader.launch.PropertiesLauncher");
    } else {
      command.add(main.getName());
    }
    command.addAll(arguments);
    return bare(command, folder);
  }

  /**
   * For a child: ends this process when the one that started it is gone, whatever is under way.
   *
   * <p>Standard input must be a pipe that the parent holds and writes nothing to; the system closes
   * it however the parent ends. A native call that hangs does not hold the end up.
   *
   * @param last run before, on a thread of its own; must not throw
   * @param status of this process then
   */
  public static void endWithParent(Runnable last, int status) {
    Thread.ofPlatform()
        .daemon()
        .name("linescribe-parent")
        .start(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nothing is ever said there.
                }
              } catch (IOException gone) {
                // As the end.
              }
              last.run();
              Runtime.getRuntime().halt(status);
            });
  }

  /** Any command, with as little of our environment. */
  public static ProcessBuilder bare(List<String> command, Path folder) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().retainAll(INHERITED);
    return builder;
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

  /** What became of a process, in words: "was killed by SIGSEGV (native code crashed)". */
  public static String fate(int status) {
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

  /**
   * The library's own words; of a crash of the JVM, the words before it.
   *
   * @param err the end of what the process wrote to its standard error
   * @return with a colon before it; empty where there are none
   */
  public static String reason(String err) {
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
}
