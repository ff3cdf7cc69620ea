package org.linescribe.testcalls;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A program that listens at a port it was given. Somebody else may take a port between the choice
 * and the program's start: then it ends at once, and is started again with another.
 */
record Started(Process process, int port) {
  private static final int TRIES = 10;

  /** Starts a program with a port. */
  interface Start {
    Process at(int port) throws IOException;
  }

  /**
   * Returns when the program has bound its port.
   *
   * @param protocol "udp" or "tcp"
   */
  static Started listening(String protocol, Start start) throws IOException {
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      int port = Fixtures.freePort();
      Process process = start.at(port);
      await().until(() -> !process.isAlive() || holds(process, protocol, port));
      if (process.isAlive()) {
        return new Started(process, port);
      }
    }
    throw new AssertionError("it ended " + TRIES + " times before it listened");
  }

  /**
   * Looks for the port in the kernel's table, so that nothing is sent or bound for the question.
   */
  private static boolean holds(Process process, String protocol, int port) throws IOException {
    List<String> sockets;
    try (Stream<String> lines = Files.lines(Path.of("/proc/net/" + protocol))) {
      String local = ":%04X ".formatted(port);
      boolean listens = protocol.equals("tcp");
      sockets =
          lines
              .map(line -> line.strip().split("\\s+"))
              .filter(
                  f ->
                      f.length > 9
                          && (f[1] + " ").endsWith(local)
                          && (!listens || f[3].equals("0A")))
              .map(f -> "socket:[" + f[9] + "]")
              .toList();
    }
    try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return open.anyMatch(file -> sockets.contains(target(file)));
    } catch (IOException e) {
      // It has ended meanwhile.
      return false;
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
