package org.linescribe.gateway.call;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.linescribe.testsupport.Patience;

/**
 * A user agent by hand, over UDP or a {@link SipWire}: says exactly what a test wants said, and
 * media from one socket.
 */
final class RawSipPeer implements AutoCloseable {
  /** A datagram is lost where a socket's buffer is full, so what is not answered is sent again. */
  private static final int REPEAT_MS = 2000;

  private final Set<String> returned = new HashSet<>();
  DatagramSocket sip;
  final DatagramSocket media;
  final String callId = UUID.randomUUID().toString();
  private final InetSocketAddress gateway;
  private final InetAddress address;
  private final String host;
  private final String sdpAddress;
  private final String tag = "t" + callId.substring(0, 6);
  private int cseq = 1;
  private String toTag = "";
  private String branch = "";

  private final SipWire wire;

  RawSipPeer(InetSocketAddress gateway) throws IOException {
    this(gateway, gateway.getAddress().getHostAddress(), null);
  }

  /**
   * @param from an address of this machine, as all of 127.0.0.0/8 are
   */
  RawSipPeer(InetSocketAddress gateway, String from) throws IOException {
    this(gateway, from, null);
  }

  /**
   * @param wire null for UDP
   */
  RawSipPeer(InetSocketAddress gateway, SipWire wire) throws IOException {
    this(gateway, gateway.getAddress().getHostAddress(), wire);
  }

  private RawSipPeer(InetSocketAddress gateway, String from, SipWire wire) throws IOException {
    this.gateway = gateway;
    this.wire = wire;
    this.address = InetAddress.getByName(from);
    boolean isIpv6 = address instanceof Inet6Address;
    this.host = isIpv6 ? "[::1]" : from;
    this.sdpAddress = isIpv6 ? "IP6 ::1" : "IP4 " + from;
    this.sip = new DatagramSocket(0, address);
    this.media = new DatagramSocket(0, address);
    media.setSoTimeout(Patience.LIMIT_MS);
  }

  /** A message that came. */
  record Message(String startLine, String head, String body) {
    int status() {
      return startLine.startsWith("SIP/") ? Integer.parseInt(startLine.substring(8, 11)) : 0;
    }

    Optional<String> header(String name) {
      return Arrays.stream(head.split("\r\n"))
          .filter(line -> line.toLowerCase().startsWith(name.toLowerCase() + ":"))
          .map(line -> line.substring(name.length() + 1).strip())
          .findFirst();
    }

    int audioPort() {
      return Integer.parseInt(body.split("m=audio ")[1].split(" ")[0]);
    }
  }

  String sdp() {
    return sdp("sendrecv");
  }

  String sdp(String direction) {
    return "v=0\r\no=peer 1 1 IN "
        + sdpAddress
        + "\r\ns=-\r\nc=IN "
        + sdpAddress
        + "\r\nt=0 0\r\nm=audio "
        + media.getLocalPort()
        + " RTP/AVP 0\r\na="
        + direction
        + "\r\n";
  }

  String request(String method, String headers, String body) {
    branch = "z9hG4bK" + UUID.randomUUID();
    return request(method, branch, cseq++, headers, body);
  }

  /** With a branch of the test's choice. */
  String request(String method, String branch, String headers, String body) {
    this.branch = branch;
    return request(method, branch, cseq++, headers, body);
  }

  private String request(String method, String branch, int cseq, String headers, String body) {
    int port = wire == null ? sip.getLocalPort() : wire.localPort();
    String transport = wire == null ? "UDP" : wire.transport();
    String contactTransport = wire == null ? "" : ";transport=" + transport.toLowerCase();
    return method
        + " sip:service@"
        + host
        + ":"
        + gateway.getPort()
        + " SIP/2.0\r\nVia: SIP/2.0/"
        + transport
        + " "
        + host
        + ":"
        + port
        + ";rport;branch="
        + branch
        + "\r\nFrom: <sip:peer@"
        + host
        + ":"
        + port
        + ">;tag="
        + tag
        + "\r\nTo: <sip:service@"
        + host
        + ">"
        + toTag
        + "\r\nCall-ID: "
        + callId
        + "\r\nCSeq: "
        + cseq
        + " "
        + method
        + "\r\nMax-Forwards: 70\r\nContact: <sip:peer@"
        + host
        + ":"
        + port
        + contactTransport
        + ">\r\n"
        + headers
        + (body.isEmpty() || headers.contains("Content-Type:")
            ? ""
            : "Content-Type: application/sdp\r\n")
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  void send(String message) throws IOException {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    if (wire != null) {
      wire.send(bytes);
      return;
    }
    sip.send(new DatagramPacket(bytes, bytes.length, gateway));
  }

  /** The next message that a test waits for; others are dropped. */
  Message await(Predicate<Message> wanted) throws IOException {
    return await(wanted, Patience.LIMIT_MS)
        .orElseThrow(() -> new AssertionError("no such message within " + Patience.LIMIT));
  }

  /** A request of the gateway that has come; responses before it are dropped. */
  Optional<Message> poll() throws IOException {
    return await(message -> message.status() == 0, 1);
  }

  private Optional<Message> await(Predicate<Message> wanted, int limitMs) throws IOException {
    long deadlineNs = System.nanoTime() + limitMs * 1_000_000L;
    byte[] buffer = new byte[65_536];
    while (true) {
      long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return Optional.empty();
      }
      Optional<String> text = receive(buffer, (int) leftMs);
      if (text.isEmpty()) {
        continue;
      }
      Message message = parse(text.get());
      if (wanted.test(message)) {
        return Optional.of(message);
      }
    }
  }

  private Optional<String> receive(byte[] buffer, int limitMs) throws IOException {
    if (wire != null) {
      return wire.receive(limitMs);
    }
    sip.setSoTimeout(limitMs);
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    try {
      sip.receive(packet);
      if (isMedia(packet)) {
        return Optional.empty();
      }
      return Optional.of(new String(buffer, 0, packet.getLength(), StandardCharsets.UTF_8));
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    }
  }

  /** RTP and RTCP of a call whose media port was this socket's, or is beside it (RFC 7983). */
  private static boolean isMedia(DatagramPacket packet) {
    return packet.getLength() > 0 && (packet.getData()[packet.getOffset()] & 0xC0) == 0x80;
  }

  /** Sends a request, again and again until its final answer comes. */
  private Message answerTo(String request, Predicate<Message> wanted) throws IOException {
    for (int sentMs = 0; sentMs < Patience.LIMIT_MS; sentMs += REPEAT_MS) {
      send(request);
      Optional<Message> answer = await(m -> m.status() >= 200 && wanted.test(m), REPEAT_MS);
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    throw new AssertionError("no answer within " + Patience.LIMIT);
  }

  static Message parse(String text) {
    String[] parts = text.split("\r\n\r\n", 2);
    return new Message(parts[0].split("\r\n", 2)[0], parts[0], parts.length > 1 ? parts[1] : "");
  }

  Message awaitFinal() throws IOException {
    return await(m -> m.status() >= 200);
  }

  Message awaitRequest(String method) throws IOException {
    return await(m -> m.startLine().startsWith(method + " "));
  }

  /** One that was not returned before: the stack repeats a request whose answer is slow. */
  Message awaitNewRequest(String method) throws IOException {
    return await(
        m ->
            m.startLine().startsWith(method + " ") && returned.add(m.header("CSeq").orElseThrow()));
  }

  /** INVITE to ACK. */
  Message call(String headers) throws IOException {
    return call(headers, sdp());
  }

  /** INVITE with a body of the test's choice, to ACK. */
  Message call(String headers, String body) throws IOException {
    Message ok = answerTo(request("INVITE", headers, body), m -> true);
    if (ok.status() == 200) {
      remember(ok);
      ack();
    }
    return ok;
  }

  void remember(Message response) {
    String to = response.header("To").orElseThrow();
    toTag = to.contains(";tag=") ? to.substring(to.indexOf(";tag=")) : "";
  }

  void ack() throws IOException {
    send(request("ACK", "z9hG4bK" + UUID.randomUUID(), cseq - 1, "", ""));
  }

  /** Goes on from another port, as behind a NAT that forgot the first. */
  void move() throws IOException {
    sip.close();
    sip = new DatagramSocket(0, address);
  }

  /** The ACK to a 200, whatever was sent since. */
  void acknowledge(Message ok, String body) throws IOException {
    int number = Integer.parseInt(ok.header("CSeq").orElseThrow().split(" ")[0]);
    send(request("ACK", "z9hG4bK" + UUID.randomUUID(), number, "", body));
  }

  void ackRejected(Message response) throws IOException {
    remember(response);
    send(request("ACK", branch, cseq - 1, "", ""));
    toTag = "";
  }

  void cancel() throws IOException {
    send(request("CANCEL", branch, cseq - 1, "", ""));
  }

  /** A request within the dialog, and its final answer. */
  Message exchange(String method, String headers, String body) throws IOException {
    String request = request(method, headers, body);
    String sent = (cseq - 1) + " " + method;
    return answerTo(
        request,
        m ->
            m.header("CSeq").orElse("").equals(sent)
                && m.header("Call-ID").orElse("").equals(callId)
                && m.header("Via").orElse("").contains(branch));
  }

  void ok(Message request) throws IOException {
    respond(request, "200 OK", "");
  }

  /**
   * @param headers each with its line end
   */
  void respond(Message request, String status, String headers) throws IOException {
    StringBuilder response = new StringBuilder("SIP/2.0 " + status + "\r\n");
    for (String line : request.head().split("\r\n")) {
      if (line.matches("(?i)(via|from|to|call-id|cseq):.*")) {
        response.append(line).append("\r\n");
      }
    }
    send(response.append(headers).append("Content-Length: 0\r\n\r\n").toString());
  }

  /** Sends one packet of 20 ms. */
  void rtp(int gatewayPort, int sequenceNumber, long timestamp, long ssrc, byte code)
      throws IOException {
    rtp(media, gatewayPort, sequenceNumber, timestamp, ssrc, code);
  }

  static void rtp(
      DatagramSocket from,
      int gatewayPort,
      int sequenceNumber,
      long timestamp,
      long ssrc,
      byte code)
      throws IOException {
    byte[] payload = new byte[160];
    Arrays.fill(payload, code);
    InetSocketAddress to = new InetSocketAddress(from.getLocalAddress(), gatewayPort);
    rtp(from, to, 0, sequenceNumber, timestamp, ssrc, payload);
  }

  /** Sends one packet of any kind. */
  static void rtp(
      DatagramSocket from,
      InetSocketAddress to,
      int payloadType,
      int sequenceNumber,
      long timestamp,
      long ssrc,
      byte[] payload)
      throws IOException {
    ByteBuffer packet = ByteBuffer.allocate(12 + payload.length);
    packet.put((byte) 0x80).put((byte) payloadType).putShort((short) sequenceNumber);
    packet.putInt((int) timestamp).putInt((int) ssrc).put(payload);
    from.send(new DatagramPacket(packet.array(), packet.capacity(), to));
  }

  @Override
  public void close() {
    sip.close();
    media.close();
    if (wire != null) {
      wire.close();
    }
  }
}
