package org.linescribe.api.sessions;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.linescribe.testsupport.Patience;

/** curl, as the documents use it: a client that nobody here wrote. */
public final class Curl implements AutoCloseable {
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
  private final Process process;

  public Curl(String uri, String... headers) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("curl", "--silent", "--no-buffer", "--max-time", "300"));
    for (String header : headers) {
      command.add("--header");
      command.add(header);
    }
    command.add(uri);
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException killed) {
      lines.add("(killed)");
    }
  }

  public List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  public void awaitLine(String expected) {
    awaitLine(expected::equals);
  }

  public void awaitLine(Predicate<String> expected) {
    await().until(() -> lines().stream().anyMatch(expected));
  }

  public int exitStatus() throws InterruptedException {
    if (!process.waitFor(Patience.LIMIT)) {
      throw new AssertionError("curl still runs");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroy();
  }
}
