package org.linescribe.gateway.call;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.linescribe.gateway.dtls.DtlsHandshake;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.srtp.SrtpKey;
import org.linescribe.gateway.srtp.SrtpKeys;
import org.linescribe.gateway.srtp.SrtpSession;
import org.linescribe.gateway.srtp.SrtpSuite;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.TestCertificate;

/**
 * Prints what TLS, SRTP and DTLS cost: processor time for a call's signalling over TCP and over TLS
 * (all threads of the gateway, and the caller's for comparison not), for a packet of 20 ms, and for
 * a handshake.
 */
final class SecurityCost {
  private static final int CALLS = 300;
  private static final int PACKETS = 200_000;
  private static final int HANDSHAKES = 100;

  private SecurityCost() {}

  public static void main(String[] args) throws Exception {
    packets();
    handshakes();
    Path folder = Files.createTempDirectory("linescribe-cost");
    TestCertificate certificate = TestCertificate.make(folder, "cost");
    SipGateway gateway =
        new SipGateway(
            new SipListeners(
                SipSettings.on("127.0.0.1:0"),
                TlsSettings.on(
                    "127.0.0.1:0",
                    certificate.certificate().toString(),
                    certificate.key().toString()),
                SipWebSocketSettings.off()),
            RtpSettings.on("0"),
            SettingsDefaults.of(CallSettings.class, Map.of("maxPendingPerSource", 1000)),
            new RecordingSessionsFake(),
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    gateway.start();
    SSLContext context = TestCertificate.client(null, certificate);
    InetSocketAddress tls = gateway.address("tls").orElseThrow();
    for (int round = 0; round < 3; round++) {
      calls("TCP, a connection for each call", gateway, gateway.tcpAddress(), null, false);
      calls("TLS, a connection for each call", gateway, tls, context, false);
      calls("TCP, one connection", gateway, gateway.tcpAddress(), null, true);
      calls("TLS, one connection", gateway, tls, context, true);
    }
    gateway.stop();
  }

  private static void packets() {
    SecureRandom random = new SecureRandom();
    for (SrtpSuite suite : SrtpSuite.values()) {
      byte[] bytes = new byte[suite.keyBytes() + suite.saltBytes()];
      random.nextBytes(bytes);
      SrtpKey key = new SrtpKey(suite, bytes);
      for (int round = 0; round < 2; round++) {
        SrtpSession session = new SrtpSession(new SrtpKeys(key, key));
        ByteBuf packet = Unpooled.buffer(172, 2048);
        long protectNs = 0;
        long openNs = 0;
        for (int number = 0; number < PACKETS; number++) {
          packet.clear().writeByte(0x80).writeByte(0).writeShort(number).writeInt(number * 160);
          packet.writeInt(7).writeZero(160);
          long startNs = System.nanoTime();
          session.protectRtp(packet);
          long protectedNs = System.nanoTime();
          if (session.openRtp(packet) != SrtpSession.Opened.OK) {
            throw new IllegalStateException("packet " + number);
          }
          openNs += System.nanoTime() - protectedNs;
          protectNs += protectedNs - startNs;
        }
        if (round == 1) {
          double us = (protectNs + openNs) / 1e3 / PACKETS;
          System.out.printf(
              "%s: protect %.2f us, open %.2f us; a call of 50 packets/s both ways takes %.3f %% of"
                  + " a core%n",
              suite, protectNs / 1e3 / PACKETS, openNs / 1e3 / PACKETS, us * 50 / 1e6 * 100);
        }
      }
    }
  }

  private static void handshakes() throws InterruptedException {
    DtlsIdentity one = new DtlsIdentity();
    DtlsIdentity other = new DtlsIdentity();
    for (int round = 0; round < 2; round++) {
      long startNs = processNs();
      for (int i = 0; i < HANDSHAKES; i++) {
        CountDownLatch agreed = new CountDownLatch(2);
        AtomicReference<DtlsHandshake> client = new AtomicReference<>();
        DtlsHandshake server =
            DtlsHandshake.begin(
                one,
                other.fingerprint(),
                false,
                datagram -> client.get().receive(datagram),
                keys -> agreed.countDown());
        client.set(
            DtlsHandshake.begin(
                other, one.fingerprint(), true, server::receive, keys -> agreed.countDown()));
        agreed.await();
        server.close();
        client.get().close();
      }
      if (round == 1) {
        System.out.printf(
            "DTLS handshake: %.2f ms of processor time, both sides together%n",
            (processNs() - startNs) / 1e6 / HANDSHAKES);
      }
    }
  }

  private static void calls(
      String what, SipGateway gateway, InetSocketAddress to, SSLContext context, boolean one)
      throws Exception {
    long startNs = gatewayNs();
    StreamWire shared = one ? new StreamWire(to, context) : null;
    for (int i = 0; i < CALLS; i++) {
      StreamWire wire = shared == null ? new StreamWire(to, context) : shared;
      RawSipPeer peer = new RawSipPeer(to, wire);
      if (peer.call("").status() != 200 || peer.exchange("BYE", "", "").status() != 200) {
        throw new IllegalStateException(what);
      }
      peer.media.close();
      peer.sip.close();
      if (shared == null) {
        wire.close();
      }
    }
    if (shared != null) {
      shared.close();
    }
    System.out.printf(
        "%s: %.2f ms of the gateway's processor time for a call (INVITE to BYE)%n",
        what, (gatewayNs() - startNs) / 1e6 / CALLS);
  }

  private static long processNs() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** The platform threads of the gateway: sockets, parsers, media. */
  private static long gatewayNs() {
    var threads = ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long id : threads.getAllThreadIds()) {
      var info = threads.getThreadInfo(id);
      if (info != null && info.getThreadName().startsWith("linescribe-")) {
        sum += Math.max(0, threads.getThreadCpuTime(id));
      }
    }
    return sum;
  }
}
