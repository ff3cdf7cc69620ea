package org.linescribe.gateway.call;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.UUID;
import org.linescribe.gateway.call.RawSipPeer.Message;

/** A user agent by hand that the gateway calls. */
final class CalledPeer implements AutoCloseable {
  private final RawSipPeer peer;
  private final String tag = "c" + UUID.randomUUID().toString().substring(0, 6);
  private Message invite = new Message("", "", "");

  CalledPeer(InetSocketAddress gateway) throws IOException {
    peer = new RawSipPeer(gateway);
  }

  String uri() {
    return "sip:b@127.0.0.1:" + peer.sip.getLocalPort();
  }

  /** A new INVITE. */
  Message awaitInvite() throws IOException {
    invite = peer.awaitNewRequest("INVITE");
    return invite;
  }

  Message await(String method) throws IOException {
    return peer.awaitRequest(method);
  }

  /** Answers the INVITE. */
  void answer(String status, String headers) throws IOException {
    respond(status, tag, headers, "");
  }

  /** 200 with an answer to the offer, and its ACK. */
  void accept(String answer) throws IOException {
    respond("200 OK", tag, "", answer);
    peer.awaitRequest("ACK");
  }

  /** As a phone that a proxy forked the INVITE to. */
  void respond(String status, String toTag, String headers, String body) throws IOException {
    StringBuilder response = new StringBuilder("SIP/2.0 " + status + "\r\n");
    for (String line : invite.head().split("\r\n")) {
      if (line.matches("(?i)(via|from|call-id|cseq):.*")) {
        response.append(line).append("\r\n");
      } else if (line.matches("(?i)to:.*")) {
        response.append(line).append(";tag=").append(toTag).append("\r\n");
      }
    }
    response.append("Contact: <").append(uri()).append(">\r\n").append(headers);
    if (!body.isEmpty()) {
      response.append("Content-Type: application/sdp\r\n");
    }
    peer.send(response.append("Content-Length: ").append(body.length()).append("\r\n\r\n") + body);
  }

  String sdp() {
    return peer.sdp();
  }

  void ok(Message request) throws IOException {
    peer.ok(request);
  }

  /** A request within the dialog, and its final answer. */
  Message exchange(String method, String body) throws IOException {
    String caller = invite.header("From").orElseThrow();
    String callee = invite.header("To").orElseThrow();
    String target = invite.header("Contact").orElseThrow().replaceAll("[<>]", "");
    peer.send(
        method
            + " "
            + target
            + " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:"
            + peer.sip.getLocalPort()
            + ";rport;branch=z9hG4bK"
            + UUID.randomUUID()
            + "\r\nFrom: "
            + callee
            + ";tag="
            + tag
            + "\r\nTo: "
            + caller
            + "\r\nCall-ID: "
            + invite.header("Call-ID").orElseThrow()
            + "\r\nCSeq: 1 "
            + method
            + "\r\nMax-Forwards: 70\r\nContact: <"
            + uri()
            + ">\r\n"
            + (body.isEmpty() ? "" : "Content-Type: application/sdp\r\n")
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
    return peer.awaitFinal();
  }

  void rtp(int gatewayPort, int sequenceNumber, byte code) throws IOException {
    rtp(gatewayPort, sequenceNumber, 99, code);
  }

  /** As a source of its own. */
  void rtp(int gatewayPort, int sequenceNumber, long ssrc, byte code) throws IOException {
    peer.rtp(gatewayPort, sequenceNumber, sequenceNumber * 160L, ssrc, code);
  }

  @Override
  public void close() {
    peer.close();
  }
}
