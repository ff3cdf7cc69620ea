package org.linescribe.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How a program ended.
 *
 * @param output standard output and error, together
 */
public record ProgramRun(int status, String output) {
  /** A browser draws a page in seconds; on a machine that does much else, in minutes. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Runs a program to its end. */
  public static ProgramRun of(Path folder, List<String> command)
      throws IOException, InterruptedException {
    return of(folder, command, Map.of());
  }

  /**
   * Runs a program to its end.
   *
   * @param environment what it gets beside this JVM's own
   */
  public static ProgramRun of(Path folder, List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    StringBuffer output = new StringBuffer();
    Thread reader = Thread.ofVirtual().start(() -> read(process, output));
    try {
      if (!process.waitFor(LIMIT)) {
        throw new AssertionError(command + " still runs; so far " + output);
      }
      reader.join();
      return new ProgramRun(process.exitValue(), output.toString());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static void read(Process process, StringBuffer output) {
    try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines.lines().forEach(line -> output.append(line).append('\n'));
    } catch (IOException | UncheckedIOException killed) {
      output.append("(killed)\n");
    }
  }

  /** The same, where it must have ended well. */
  public ProgramRun succeeded() {
    if (status != 0) {
      throw new AssertionError("ended with " + status + ": " + output);
    }
    return this;
  }

  public List<String> lines() {
    return output.lines().toList();
  }
}
