package org.linescribe.api;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Clients that nobody here wrote: Debian's Python with websockets, Node with packages from npm. */
public final class ClientTools {
  private static final Path ROOT = Path.of(System.getProperty("linescribe.root"));

  /** A browser draws a page in seconds; on a machine that does much else, in minutes. */
  private static final Duration LONGEST_RUN = Duration.ofMinutes(5);

  private static @Nullable Path node;

  private ClientTools() {}

  /**
   * How a program ended.
   *
   * @param output standard output and error, together
   */
  public record Ended(int status, String output) {
    public List<String> lines() {
      return output.lines().toList();
    }
  }

  /** Debian's Python with its websockets package; where it is missing, CI fails. */
  public static String python() throws IOException, InterruptedException {
    String python = "/usr/bin/python3";
    boolean there =
        Files.isExecutable(Path.of(python))
            && run(Path.of("."), List.of(python, "-c", "import websockets")).status() == 0;
    need(there, "python3 with websockets (apt-get install python3-websockets)");
    return python;
  }

  /** A folder whose {@code node_modules} holds the packages locked in {@code src/test/npm}. */
  public static synchronized Path nodeFolder() throws IOException, InterruptedException {
    if (node == null) {
      need(onPath("node") && onPath("npm"), "node and npm (apt-get install nodejs npm)");
      Path folder = Files.createDirectories(ROOT.resolve("api/target/test-npm"));
      for (String file : List.of("package.json", "package-lock.json", ".npmrc")) {
        Files.copy(
            ROOT.resolve("api/src/test/npm").resolve(file),
            folder.resolve(file),
            StandardCopyOption.REPLACE_EXISTING);
      }
      Ended installed = run(folder, List.of("npm", "ci", "--ignore-scripts"));
      if (installed.status() != 0) {
        throw new AssertionError("npm ci: " + installed.output());
      }
      node = folder;
    }
    return node;
  }

  /** Runs a program to its end. */
  public static Ended run(Path folder, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    StringBuilder output = new StringBuilder();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> process.inputReader().lines().forEach(line -> output.append(line + "\n")));
    try {
      if (!process.waitFor(LONGEST_RUN)) {
        throw new AssertionError(command + " still runs; so far " + output);
      }
      reader.join();
      return new Ended(process.exitValue(), output.toString());
    } finally {
      process.destroyForcibly();
    }
  }

  private static boolean onPath(String program) {
    for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  private static void need(boolean there, String what) {
    if (!there && System.getenv("CI") != null) {
      throw new AssertionError("needed: " + what);
    }
    assumeTrue(there, "needed: " + what);
  }
}
