package org.linescribe.testsupport;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * A real Kamailio on 127.0.0.1, on a UDP port of its own, with a configuration of the project. A
 * test that starts one needs {@link Tool#KAMAILIO}.
 */
public final class Kamailio implements AutoCloseable {
  private static final int START_TRIES = 5;
  private static final int REPEAT_MS = 500;

  private final Path work;
  private final int port = SipKit.freeBase(1);
  private final Process process;

  /**
   * Starts one, which is ready.
   *
   * @param work is made; has its log
   * @param config path of the configuration in the project, which listens at LISTEN_ADDRESS
   * @param definitions by the port, what the configuration takes from its command line
   */
  public static Kamailio start(
      Path work, String config, IntFunction<Map<String, String>> definitions) throws IOException {
    Files.createDirectories(work);
    for (int attempt = 1; ; attempt++) {
      Kamailio started = new Kamailio(work, config, definitions);
      boolean isReady = false;
      try {
        await()
            .alias("see " + work.resolve("log"))
            .until(() -> started.answers() || !started.process.isAlive());
        // Another program may take the port between the look and Kamailio's start, which then ends.
        isReady = started.process.isAlive();
        if (isReady) {
          return started;
        }
        if (attempt == START_TRIES) {
          throw new IOException("kamailio did not start: " + started.log());
        }
      } finally {
        if (!isReady) {
          started.close();
        }
      }
    }
  }

  private Kamailio(Path work, String config, IntFunction<Map<String, String>> definitions)
      throws IOException {
    this.work = work;
    List<String> command =
        new ArrayList<>(
            List.of(
                Tool.KAMAILIO.path(),
                "-DD",
                "-E",
                "-m",
                "32",
                "-M",
                "4",
                "-f",
                ProjectFiles.root().resolve(config).toString(),
                "-A",
                "LISTEN_ADDRESS=udp:127.0.0.1:" + port,
                "-Y",
                work.toString(),
                "-P",
                work.resolve("pid").toString(),
                "-w",
                work.toString()));
    definitions
        .apply(port)
        .forEach((name, value) -> command.addAll(List.of("-A", name + "=" + value)));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("log").toFile())
            .start();
  }

  /** Asks it, as it says nothing once it has bound its port. */
  private boolean answers() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      socket.setSoTimeout(REPEAT_MS);
      byte[] options =
          ("OPTIONS sip:127.0.0.1:"
                  + port
                  + " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:"
                  + socket.getLocalPort()
                  + ";branch=z9hG4bKready\r\nFrom: <sip:x@127.0.0.1>;tag=1\r\n"
                  + "To: <sip:ready@127.0.0.1>\r\nCall-ID: ready\r\nCSeq: 1 OPTIONS\r\n"
                  + "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      socket.send(new DatagramPacket(options, options.length, address()));
      DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII)
          .contains("Server: kamailio");
    } catch (SocketTimeoutException notYet) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  public InetSocketAddress address() {
    return new InetSocketAddress("127.0.0.1", port);
  }

  /** What it has logged so far. */
  public String log() throws IOException {
    return Files.readString(work.resolve("log"));
  }

  @Override
  public void close() {
    // It ends its children itself.
    process.destroy();
    process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }
}
