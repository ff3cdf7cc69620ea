package org.linescribe.gateway.call;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;

/**
 * Measures the set-up time of good calls while others flood the gateway, each from an address of
 * its own.
 *
 * <p>Arguments: OPTIONS per second, unacknowledged INVITE per second, cancelled INVITE per second,
 * values of the Route header in each OPTIONS, seconds.
 */
final class FloodLoad {
  private static volatile boolean done;

  private FloodLoad() {}

  public static void main(String[] args) throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    SipGateway gateway =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            RtpSettings.on("0"),
            CallSettings.defaults(),
            slowSessions(),
            registry,
            Clock.systemUTC());
    gateway.start();
    InetSocketAddress target = gateway.udpAddress();
    int routes = Integer.parseInt(args[3]);
    String route = "Route: " + String.join(",", Collections.nCopies(routes, "<sip:a>")) + "\r\n";
    List<Thread> floods = new ArrayList<>();
    floods.add(flood(target, "127.0.0.2", args[0], "OPTIONS", routes == 0 ? "" : route, false));
    floods.add(flood(target, "127.0.0.3", args[1], "INVITE", "", false));
    floods.add(flood(target, "127.0.0.4", args[2], "INVITE", "", true));
    long endNs = System.nanoTime() + Long.parseLong(args[4]) * 1_000_000_000L;
    List<Double> setupMs = new ArrayList<>();
    int refused = 0;
    while (System.nanoTime() < endNs) {
      try (RawSipPeer peer = new RawSipPeer(target)) {
        long startNs = System.nanoTime();
        boolean ok = peer.call("").status() == 200;
        setupMs.add((System.nanoTime() - startNs) / 1e6);
        refused += ok ? 0 : 1;
        if (ok) {
          peer.exchange("BYE", "", "");
        }
      }
      LockSupport.parkNanos(20_000_000);
    }
    done = true;
    for (Thread flood : floods) {
      flood.join();
    }
    Collections.sort(setupMs);
    System.out.printf(
        "good calls %d, refused %d, set-up p50 %.1f ms, p95 %.1f ms, max %.1f ms%n",
        setupMs.size(),
        refused,
        setupMs.get(setupMs.size() / 2),
        setupMs.get(setupMs.size() * 95 / 100),
        setupMs.getLast());
    for (String name :
        List.of("linescribe.call.outcomes", "linescribe.sip.defects", "linescribe.sip.requests")) {
      for (Counter counter : registry.find(name).counters()) {
        System.out.println(name + counter.getId().getTags() + " " + counter.count());
      }
    }
    gateway.stop();
  }

  /** Opens like a store does: after some milliseconds. */
  private static RecordingSessionsFake slowSessions() {
    RecordingSessionsFake sessions = new RecordingSessionsFake();
    sessions.beforeOpening(() -> LockSupport.parkNanos(5_000_000));
    return sessions;
  }

  private static Thread flood(
      InetSocketAddress target,
      String from,
      String perSecond,
      String method,
      String headers,
      boolean cancels) {
    int rate = Integer.parseInt(perSecond);
    Thread thread =
        new Thread(
            () -> {
              if (rate == 0) {
                return;
              }
              try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName(from))) {
                long startNs = System.nanoTime();
                for (long i = 0; !done; i++) {
                  LockSupport.parkNanos(startNs + i * 1_000_000_000L / rate - System.nanoTime());
                  send(socket, target, from, i, method, method, headers);
                  if (cancels) {
                    send(socket, target, from, i, "CANCEL", method, headers);
                  }
                }
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    thread.start();
    return thread;
  }

  private static void send(
      DatagramSocket socket,
      InetSocketAddress target,
      String from,
      long number,
      String method,
      String transaction,
      String headers)
      throws Exception {
    String id = from + "-" + number;
    String sdp =
        method.equals("INVITE")
            ? "v=0\r\no=- 1 1 IN IP4 1\r\ns=-\r\nc=IN IP4 "
                + from
                + "\r\nt=0 0\r\n"
                + "m=audio 40000 RTP/AVP 0\r\n"
            : "";
    String request =
        method
            + " sip:s@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP "
            + from
            + ":"
            + socket.getLocalPort()
            + ";branch=z9hG4bK"
            + id
            + "\r\nFrom: <sip:f@"
            + from
            + ">;tag=1\r\nTo: <sip:s@127.0.0.1>\r\nCall-ID: "
            + id
            + "\r\nCSeq: 1 "
            + method
            + "\r\nMax-Forwards: 70\r\nContact: <sip:f@"
            + from
            + ":"
            + socket.getLocalPort()
            + ">\r\n"
            + headers
            + (sdp.isEmpty() ? "" : "Content-Type: application/sdp\r\n")
            + "Content-Length: "
            + sdp.length()
            + "\r\n\r\n"
            + sdp;
    byte[] bytes = request.getBytes(StandardCharsets.US_ASCII);
    socket.send(new DatagramPacket(bytes, bytes.length, target));
  }
}
