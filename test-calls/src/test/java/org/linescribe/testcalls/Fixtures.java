package org.linescribe.testcalls;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.Patience;

/** What several tests of this module begin with. */
final class Fixtures {

  private Fixtures() {}

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
