package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.Patience;

/** A peer that says its first word when the caller has given up already. */
class GivenUpCallTest {
  private DatagramSocket peer;
  private SocketAddress from;
  private SipCaller caller;
  private String invite;

  @BeforeEach
  void callAndGiveUp() throws Exception {
    peer = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    peer.setSoTimeout((int) Patience.LIMIT.toMillis());
    caller = Fixtures.sipCaller(peer.getLocalPort(), G711Law.PCMU);
    CompletableFuture<Void> call = new CompletableFuture<>();
    Thread calling =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (OpenCall open = caller.open("x")) {
                    call.completeExceptionally(new AssertionError(open.sessionId()));
                  } catch (InterruptedException | CallFailedException e) {
                    call.completeExceptionally(e);
                  }
                });
    invite = receive("INVITE");
    // Again and again: the SIP stack may swallow one.
    await()
        .until(
            () -> {
              calling.interrupt();
              return call.isDone();
            });
    assertThatThrownBy(call::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
  }

  @AfterEach
  void stop() {
    caller.close();
    peer.close();
  }

  @Test
  void isCancelled() throws IOException {
    respond("180 Ringing");

    assertThat(receive("CANCEL")).contains(header(invite, "Call-ID")).contains("CSeq: 1 CANCEL");
  }

  @Test
  void isAcknowledgedAndHungUpOn() throws IOException {
    respond("200 OK");

    assertThat(receive("ACK")).contains(header(invite, "Call-ID"));
    assertThat(receive("BYE")).contains(header(invite, "Call-ID"));
  }

  private String receive(String method) throws IOException {
    byte[] buffer = new byte[4096];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    String message;
    do {
      packet.setLength(buffer.length);
      peer.receive(packet);
      message = new String(buffer, 0, packet.getLength(), StandardCharsets.UTF_8);
    } while (!message.startsWith(method + " "));
    from = packet.getSocketAddress();
    return message;
  }

  private void respond(String status) throws IOException {
    String response =
        String.join(
            "\r\n",
            "SIP/2.0 " + status,
            header(invite, "Via"),
            header(invite, "From"),
            header(invite, "To") + ";tag=late",
            header(invite, "Call-ID"),
            header(invite, "CSeq"),
            "Contact: <sip:late@127.0.0.1:" + peer.getLocalPort() + ">",
            "Content-Length: 0",
            "",
            "");
    byte[] bytes = response.getBytes(StandardCharsets.UTF_8);
    peer.send(new DatagramPacket(bytes, bytes.length, from));
  }

  private static String header(String message, String name) {
    return message
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .findFirst()
        .orElseThrow()
        .strip();
  }
}
