package org.linescribe.bench.strangers;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One address that speaks SIP over UDP as it likes, and a port that takes its media.
 *
 * <p>Thread: one.
 */
final class SipStranger implements AutoCloseable {
  private static final int RETRANSMIT_MS = 500;
  private static final int GIVE_UP_MS = 10_000;
  private static final Pattern TO = Pattern.compile("(?mi)^To:\\s*(.*?)\\s*$");

  private final String host;
  private final InetSocketAddress gateway;
  private final DatagramSocket sip;
  private final DatagramSocket media;
  private int number;

  /**
   * @param host a loopback address, which tells strangers from each other
   */
  SipStranger(String host, InetSocketAddress gateway) throws IOException {
    this.host = host;
    this.gateway = gateway;
    this.sip = new DatagramSocket(0, InetAddress.getByName(host));
    this.media = new DatagramSocket(0, InetAddress.getByName(host));
  }

  DatagramSocket media() {
    return media;
  }

  /** An offer of PCMU to this stranger's own media port. */
  String offer() {
    return offer(host, media.getLocalPort(), "0", "sendrecv");
  }

  static String offer(String host, int port, String payloadType, String direction) {
    return "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP %s\r\na=%s\r\n"
        .formatted(host, host, port, payloadType, direction);
  }

  /** A Call-ID that nobody has had. */
  String freshCall() {
    return host + "-" + sip.getLocalPort() + "-" + ++number;
  }

  /**
   * @param call the Call-ID, and the branch together with {@code cseq}
   * @param to what stands in To behind the URI
   */
  String request(String method, String call, int cseq, String to, String headers, String body) {
    String transaction = method.equals("CANCEL") ? "INVITE" : method;
    return method
        + " sip:s@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP "
        + host
        + ":"
        + sip.getLocalPort()
        + ";branch=z9hG4bK"
        + call
        + "-"
        + cseq
        + transaction
        + "\r\n"
        + headers
        + "From: <sip:f@"
        + host
        + ">;tag=1\r\nTo: <sip:s@127.0.0.1>"
        + to
        + "\r\nCall-ID: "
        + call
        + "\r\nCSeq: "
        + cseq
        + " "
        + method
        + "\r\nMax-Forwards: 70\r\nContact: <sip:f@"
        + host
        + ":"
        + sip.getLocalPort()
        + ">\r\n"
        + (body.isEmpty() ? "" : "Content-Type: application/sdp\r\n")
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  /** The same without values: a request that begins something. */
  String request(String method, String body) {
    return request(method, freshCall(), 1, "", "", body);
  }

  void send(String message) throws IOException {
    byte[] bytes = message.getBytes(StandardCharsets.US_ASCII);
    sip.send(new DatagramPacket(bytes, bytes.length, gateway));
  }

  /** The next message within the time. */
  Optional<String> receive(int withinMs) throws IOException {
    byte[] buffer = new byte[65_535];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    sip.setSoTimeout(Math.max(1, withinMs));
    try {
      sip.receive(packet);
      return Optional.of(new String(buffer, 0, packet.getLength(), StandardCharsets.US_ASCII));
    } catch (SocketTimeoutException none) {
      return Optional.empty();
    }
  }

  /** Sends a request, again and again as UDP wants it, up to its final response; else empty. */
  Optional<String> exchange(String request, String call, String cseq) throws IOException {
    long startNs = System.nanoTime();
    while (ms(startNs) < GIVE_UP_MS) {
      send(request);
      long sentNs = System.nanoTime();
      while (ms(sentNs) < RETRANSMIT_MS) {
        Optional<String> answer = receive((int) (RETRANSMIT_MS - ms(sentNs)));
        if (answer.isPresent()
            && answer.get().startsWith("SIP/2.0 ")
            && !answer.get().startsWith("SIP/2.0 1")
            && answer.get().contains("Call-ID: " + call + "\r\n")
            && answer.get().contains("CSeq: " + cseq)) {
          return answer;
        }
      }
    }
    return Optional.empty();
  }

  static long ms(long sinceNs) {
    return (System.nanoTime() - sinceNs) / 1_000_000;
  }

  /** A dialog that the gateway has accepted. */
  record Dialog(String call, String to, double setupMs) {}

  /** Calls and acknowledges. */
  Optional<Dialog> call() throws IOException {
    Optional<Dialog> dialog = callWithoutAck();
    if (dialog.isPresent()) {
      acknowledge(dialog.get(), 1);
    }
    return dialog;
  }

  Optional<Dialog> callWithoutAck() throws IOException {
    String call = freshCall();
    long startNs = System.nanoTime();
    Optional<String> answer =
        exchange(request("INVITE", call, 1, "", "", offer()), call, "1 INVITE");
    double setupMs = (System.nanoTime() - startNs) / 1e6;
    if (answer.isEmpty()) {
      return Optional.empty();
    }
    Matcher to = TO.matcher(answer.get());
    String tag = to.find() ? to.group(1).replaceFirst("^[^>]*>", "") : "";
    if (!answer.get().startsWith("SIP/2.0 200")) {
      send(request("ACK", call, 1, tag, "", ""));
      return Optional.empty();
    }
    return Optional.of(new Dialog(call, tag, setupMs));
  }

  void acknowledge(Dialog dialog, int cseq) throws IOException {
    // A 2xx is acknowledged in a transaction of its own (RFC 3261 §13.2.2.4).
    send(request("ACK", dialog.call(), cseq, dialog.to(), "", ""));
  }

  /** Puts the peer on hold. */
  boolean hold(Dialog dialog) throws IOException {
    String body = offer(host, media.getLocalPort(), "0", "inactive");
    boolean held =
        exchange(
                request("INVITE", dialog.call(), 2, dialog.to(), "", body),
                dialog.call(),
                "2 INVITE")
            .filter(answer -> answer.startsWith("SIP/2.0 200"))
            .isPresent();
    acknowledge(dialog, 2);
    return held;
  }

  void hangUp(Dialog dialog, int cseq) throws IOException {
    exchange(
        request("BYE", dialog.call(), cseq, dialog.to(), "", ""), dialog.call(), cseq + " BYE");
  }

  @Override
  public void close() {
    sip.close();
    media.close();
  }
}
