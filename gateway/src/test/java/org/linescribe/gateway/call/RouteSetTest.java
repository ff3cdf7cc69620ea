package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.session.SourceClosed;

/** Requests of ours through the proxies of a dialog. Source: RFC 3261 §12.1.1, §12.2.1.1. */
class RouteSetTest extends CalledGateway {
  private static final String FAR = "<sip:far.example.com;lr;ftag=4711>";
  private RawSipPeer proxy;

  @BeforeEach
  void startProxy() throws Exception {
    standStill(Duration.ofHours(1));
    proxy = new RawSipPeer(gateway.udpAddress());
  }

  @AfterEach
  void stopProxy() {
    proxy.close();
  }

  private String near(String parameters) {
    return "<sip:127.0.0.1:" + proxy.sip.getLocalPort() + parameters + ">";
  }

  private String contact() {
    return "sip:peer@127.0.0.1:" + peer.sip.getLocalPort();
  }

  /** The values of all headers of a name, one by one. */
  private static List<String> values(Message message, String name) {
    return Arrays.stream(message.head().split("\r\n"))
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .flatMap(line -> Arrays.stream(line.substring(name.length() + 1).split(",")))
        .map(String::strip)
        .toList();
  }

  private Message call(String near) throws IOException {
    return callAcknowledged(
        "Record-Route: "
            + near
            + ", "
            + FAR
            + "\r\nAllow: INVITE, ACK, BYE, UPDATE\r\nSupported: timer\r\n"
            + "Session-Expires: 90;refresher=uas\r\n");
  }

  private Message hungUp() throws IOException {
    sessions.only().listener.onClosed(SourceClosed.IDLE);
    Message bye = proxy.awaitRequest("BYE");
    proxy.ok(bye);
    await().until(() -> openCalls() == 0);
    return bye;
  }

  private void assertLoose(Message request) {
    assertThat(request.startLine())
        .isEqualTo(request.startLine().split(" ")[0] + " " + contact() + " SIP/2.0");
    assertThat(values(request, "Route")).containsExactly(near(";lr"), FAR);
  }

  @Test
  void returnsTheRecordRouteAndSendsItsRequestsAlongIt() throws IOException {
    sessions.holdOpenings();
    String routes = near(";lr") + ", " + FAR;
    peer.send(
        peer.request(
            "INVITE",
            "Record-Route: " + routes + "\r\nRecord-Route: <sip:farther.example.com;lr>\r\n",
            peer.sdp()));
    List<String> expected = List.of(near(";lr"), FAR, "<sip:farther.example.com;lr>");
    assertThat(values(peer.await(m -> m.status() == 180), "Record-Route")).isEqualTo(expected);
    sessions.letOpen();
    Message ok = peer.awaitFinal();
    peer.remember(ok);
    peer.ack();

    assertThat(values(ok, "Record-Route")).isEqualTo(expected);
    Message bye = hungUp();
    assertThat(bye.startLine()).isEqualTo("BYE " + contact() + " SIP/2.0");
    assertThat(values(bye, "Route")).isEqualTo(expected);
    assertThat(values(bye, "Record-Route")).isEmpty();
  }

  @Test
  void sendsAnUpdateAlongIt() throws IOException {
    call(near(";lr"));
    awaitTimer(Duration.ofSeconds(45));
    time.advance(Duration.ofSeconds(45));

    Message update = proxy.awaitRequest("UPDATE");
    proxy.ok(update);
    assertLoose(update);
    assertLoose(hungUp());
  }

  /** The route set is the INVITE's for good; a re-INVITE changes the target only. */
  @Test
  void keepsTheRouteSetAndFollowsANewContact() throws IOException {
    call(near(";lr"));
    String change =
        peer.request("INVITE", "Record-Route: <sip:stranger.example.com;lr>\r\n", peer.sdp())
            .replaceFirst("Contact: [^\r]*", "Contact: <sip:moved@192.0.2.7:5070>");
    peer.send(change);
    Message ok = peer.await(m -> m.status() == 200 && m.header("CSeq").orElse("").startsWith("2 "));
    peer.acknowledge(ok, "");
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);

    Message bye = hungUp();

    assertThat(bye.startLine()).isEqualTo("BYE sip:moved@192.0.2.7:5070 SIP/2.0");
    assertThat(values(bye, "Route")).containsExactly(near(";lr"), FAR);
  }

  /** A strict router finds itself in the Request-URI, and the target as last route. */
  @Test
  void putsAStrictRouterIntoTheRequestUri() throws IOException {
    call(near(""));

    Message bye = hungUp();

    assertThat(bye.startLine())
        .isEqualTo("BYE sip:127.0.0.1:" + proxy.sip.getLocalPort() + " SIP/2.0");
    assertThat(values(bye, "Route")).containsExactly(FAR, "<" + contact() + ">");
  }
}
