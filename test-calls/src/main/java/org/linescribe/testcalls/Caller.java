package org.linescribe.testcalls;

import java.util.Map;
import org.linescribe.media.g711.G711Law;

/** Places calls, over SIP or a WebSocket. Thread: any; calls run concurrently. */
public sealed interface Caller extends AutoCloseable permits SipCaller, WebSocketCaller {
  /**
   * The caller of an address's scheme.
   *
   * @param to {@code sip:HOST:PORT}, {@code ws://HOST:PORT} or {@code wss://HOST:PORT}
   * @param realTime false: over a WebSocket as fast as the peer reads
   * @param headers further headers of a WebSocket's handshake
   * @throws IllegalArgumentException no such address
   * @throws CallFailedException the host is unknown, or no local port can be bound
   */
  static Caller to(String to, G711Law law, boolean realTime, Map<String, String> headers)
      throws CallFailedException {
    if (to.startsWith("ws:") || to.startsWith("wss:")) {
      return new WebSocketCaller(to, law, realTime, headers);
    }
    if (!to.startsWith("sip:")) {
      throw new IllegalArgumentException(
          "--to " + to + ": expected sip:HOST:PORT or ws://HOST:PORT");
    }
    return new SipCaller(to, law);
  }

  /**
   * Places a call and returns when it is answered.
   *
   * @param sessionId the id to ask for; the peer may choose another, see {@link
   *     OpenCall#sessionId()}
   * @throws CallFailedException the peer is unreachable, or refuses
   * @throws InterruptedException the call is cancelled
   */
  OpenCall open(String sessionId) throws CallFailedException, InterruptedException;

  /** Target and transport for display: "sip:127.0.0.1:5060 (PCMU over UDP)". */
  String description();

  /** Releases the shared resources; calls that are still open fail. */
  @Override
  void close();
}
