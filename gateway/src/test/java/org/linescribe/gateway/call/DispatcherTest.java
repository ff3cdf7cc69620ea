package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.gateway.call.CalledGateway.control;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.Kamailio;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/** Kamailio, by the project's configuration, deals calls out to two gateways. */
@NeedsTool(Tool.KAMAILIO)
class DispatcherTest {
  /** By a hash of its Call-ID each call meets either gateway: not one of 64 is no chance at all. */
  private static final int MOST_CALLS = 64;

  @TempDir Path work;
  private final List<Node> nodes = new ArrayList<>();
  private final List<ProxiedCall> calls = new ArrayList<>();

  /** A gateway and what it was called with. */
  private record Node(
      SipGateway gateway, RecordingSessionsFake sessions, SimpleMeterRegistry registry) {
    static Node start() throws Exception {
      RecordingSessionsFake sessions = new RecordingSessionsFake();
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      SipGateway gateway =
          new SipGateway(
              SipSettings.on("127.0.0.1:0"),
              // No call of this test ends but by its BYE.
              SettingsDefaults.of(
                  RtpSettings.class, Map.of("ports", "0", "timeout", Duration.ofHours(1))),
              SettingsDefaults.of(
                  CallSettings.class, Map.of("keepaliveInterval", Duration.ofHours(1))),
              sessions,
              registry,
              Clock.systemUTC());
      gateway.start();
      return new Node(gateway, sessions, registry);
    }

    int calls() {
      return sessions.recordings.size();
    }
  }

  /** An answered call through the proxy, whose requests follow the recorded route. */
  private record ProxiedCall(RawSipPeer peer, Message ok) {
    static ProxiedCall place(Kamailio proxy) throws Exception {
      RawSipPeer peer = new RawSipPeer(proxy.address());
      String invite = peer.request("INVITE", "", peer.sdp());
      peer.send(invite);
      Message ok = peer.awaitFinal();
      assertThat(ok.status()).as(ok.head()).isEqualTo(200);
      peer.remember(ok);
      ProxiedCall call = new ProxiedCall(peer, ok);
      String ack = peer.request("ACK", "z9hG4bKack" + peer.callId, call.route(), "");
      peer.send(call.routed(ack).replaceFirst("CSeq: \\d+", "CSeq: 1"));
      return call;
    }

    private String route() {
      return "Route: " + ok.header("Record-Route").orElseThrow() + "\r\n";
    }

    private String routed(String request) {
      String contact = ok.header("Contact").orElseThrow().split("[<>]")[1];
      return request.replaceFirst(" \\S+ SIP/2.0", " " + contact + " SIP/2.0");
    }

    void hangUp() throws Exception {
      peer.send(routed(peer.request("BYE", route(), "")));
      Message answer =
          peer.await(m -> m.status() >= 200 && m.header("CSeq").orElse("").endsWith("BYE"));
      assertThat(answer.status()).as(answer.head()).isEqualTo(200);
    }
  }

  @AfterEach
  void stop() {
    calls.forEach(call -> call.peer.close());
    nodes.forEach(node -> node.gateway.stop());
  }

  private Kamailio proxy() throws Exception {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < 2; i++) {
      nodes.add(Node.start());
      list.append("1 sip:").append(address(nodes.get(i))).append(" 0 0\n");
    }
    Path dispatcher = Files.writeString(work.resolve("dispatcher.list"), list);
    return Kamailio.start(
        work.resolve("kamailio"),
        "sip-config/kamailio/kamailio.cfg",
        _ -> Map.of("GATEWAYS", '"' + dispatcher.toString() + '"', "PING_SECONDS", "1"));
  }

  private static String address(Node node) {
    return "127.0.0.1:" + node.gateway.udpAddress().getPort();
  }

  private void place(Kamailio proxy, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      calls.add(ProxiedCall.place(proxy));
    }
  }

  @Test
  void aGatewayThatIsBeingStoppedGetsNoMoreCallsAndNoneIsLost() throws Exception {
    try (Kamailio proxy = proxy()) {
      Node stopped = nodes.get(0);
      Node other = nodes.get(1);
      while (stopped.calls() < 2 || other.calls() < 2) {
        assertThat(calls).as("calls are dealt out").hasSizeLessThan(MOST_CALLS);
        place(proxy, 1);
      }
      int before = stopped.calls();
      Thread stopping =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      stopped.gateway.refuseNew(Duration.ofMinutes(10));
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });

      // Until Kamailio has asked twice, it tries the next gateway where this one answers 503.
      String leftOut = "gateway sip:" + address(stopped) + " does not answer OPTIONS";
      while (refused(stopped) == 0 && !proxy.log().contains(leftOut)) {
        place(proxy, 1);
      }
      await().until(() -> proxy.log().contains(leftOut));
      int refused = refused(stopped);
      place(proxy, MOST_CALLS / 4);

      assertThat(refused(stopped)).as("it is asked for no call any more").isEqualTo(refused);
      assertThat(stopped.calls()).isEqualTo(before);
      assertThat(other.calls()).isEqualTo(calls.size() - before);
      assertThat(control(stopped.gateway).open()).as("its calls go on").hasSize(before);
      for (ProxiedCall call : calls) {
        call.hangUp();
      }
      assertThat(stopping.join(Duration.ofMinutes(2))).isTrue();
      for (Node node : nodes) {
        await()
            .untilAsserted(
                () ->
                    assertThat(node.sessions.recordings)
                        .allSatisfy(one -> assertThat(one.endReason()).isEqualTo("bye")));
      }
    }
  }

  private static int refused(Node node) {
    return (int)
        node.registry.counter("linescribe.call.outcomes", "outcome", "rejected-503").count();
  }
}
