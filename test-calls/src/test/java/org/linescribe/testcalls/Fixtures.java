package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.linescribe.media.g711.G711Law;

/** Where the tests find what they need. */
final class Fixtures {
  static final Path ROOT = Path.of(System.getProperty("linescribe.root"));
  static final Path SIP_KIT = ROOT.resolve("../shared/sip");

  private Fixtures() {}

  static Path recorded(String name) {
    return ROOT.resolve("test-calls/recorded").resolve(name);
  }

  /** In CI a missing tool is a failure; elsewhere the test is skipped, with the reason. */
  static void needs(String tool) {
    boolean found =
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    need(found, tool + " is not installed");
  }

  static void needs(Path path) {
    need(Files.exists(path), path + " is not there");
  }

  private static void need(boolean fulfilled, String reason) {
    if ("true".equals(System.getenv("CI"))) {
      assertThat(fulfilled).as(reason).isTrue();
    }
    assumeTrue(fulfilled, reason);
  }

  /** A caller that waits for a peer on a loaded machine. */
  static SipCaller sipCaller(int port, G711Law law) throws CallFailedException {
    return sipCaller("sip:127.0.0.1:" + port, law);
  }

  static SipCaller sipCaller(String to, G711Law law) throws CallFailedException {
    return new SipCaller(to, law, Patience.LIMIT);
  }

  /** A port that was free a moment ago, for programs that cannot choose one themselves. */
  static int freePort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
