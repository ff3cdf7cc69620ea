package org.linescribe.gateway.call;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.linescribe.gateway.RealSessions;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.srtp.CryptoAttribute;
import org.linescribe.gateway.srtp.SrtpKeys;
import org.linescribe.gateway.srtp.SrtpSession;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.Pcm16Wav;
import org.linescribe.testsupport.ProjectFiles;

/**
 * Mutated messages on every port of a gateway, by UDP and TCP, and on the media ports of a plain
 * and of an encrypted call, whose peer speaks on meanwhile. Those of the encrypted call are mutated
 * before they are protected, or after it.
 *
 * <p>As a program: {@code WireFuzz MESSAGES SEED}, against the whole pipeline with a recogniser,
 * and then a good call. It prints what was sent, what the gateway counted, buffers that leaked,
 * calls that are still open, and the words of the good call.
 */
final class WireFuzz {
  /** After that many messages the gateway must answer: its sockets do not just overflow. */
  private static final int BATCH = 20;

  /** After that many the peers look for what the gateway asked of them. */
  private static final int ATTENTION = 50 * BATCH;

  private static final int PROGRESS = 50_000;

  private static final String CRYPTO = "1 AES_CM_128_HMAC_SHA1_80 inline:" + WireFuzz.KEY;

  static final String KEY = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";

  private final SipGateway gateway;
  private final Mutations mutations;
  private final Map<String, Integer> sent = new TreeMap<>();
  private int packets;

  WireFuzz(SipGateway gateway, long seed) {
    this.gateway = gateway;
    this.mutations = new Mutations(seed);
  }

  /** Sends the messages; the two calls that it places end with it. */
  Map<String, Integer> send(int messages) throws IOException {
    try (RawSipPeer stranger = new RawSipPeer(gateway.udpAddress());
        RawSipPeer plain = new RawSipPeer(gateway.udpAddress());
        RawSipPeer secret = new RawSipPeer(gateway.udpAddress());
        RawSipPeer asking = new RawSipPeer(gateway.udpAddress());
        DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      int port = plain.call("").audioPort();
      RawSipPeer.Message answer =
          secret.call(
              "", secret.sdp().replace("RTP/AVP", "RTP/SAVP") + "a=crypto:" + CRYPTO + "\r\n");
      int secretPort = answer.audioPort();
      SrtpSession protection = protection(answer.body());
      SrtpSession mutatedProtection = protection(answer.body());
      for (int done = 0; done < messages; done += BATCH) {
        switch (done / BATCH % 9) {
          case 0, 1, 2 -> datagrams("sip", stranger, false);
          case 3 -> datagrams("sdp", stranger, true);
          case 4 -> stream(stranger);
          case 5 -> media("rtp", plain.media, other, port, false);
          case 6 -> media("rtcp", plain.media, other, port + 1, true);
          case 7 -> media("srtp", secret.media, other, secretPort, done % 3 == 0);
          default -> authentic(secret.media, secretPort, mutatedProtection);
        }
        // Both peers speak on, else their sessions would end for want of audio.
        plain.rtp(port, packets, 160L * packets, 7, (byte) 0x90);
        speak(secret.media, secretPort, protection);
        packets = (packets + 1) & 0xFFFF;
        if (asking.exchange("OPTIONS", "", "").status() != 200) {
          throw new IOException("OPTIONS refused after " + done + " messages");
        }
        if (done % ATTENTION == 0) {
          attend("plain", plain, done);
          attend("encrypted", secret, done);
        }
        if (done % PROGRESS == 0 && done > 0) {
          System.out.printf("%d messages, and OPTIONS is answered%n", done);
        }
      }
      hangUp("plain", plain, messages);
      hangUp("encrypted", secret, messages);
    }
    return sent;
  }

  private static void hangUp(String call, RawSipPeer peer, int done) throws IOException {
    attend(call, peer, done);
    RawSipPeer.Message answer = peer.exchange("BYE", "", "");
    if (answer.status() != 200) {
      throw new IOException("the " + call + " call did not last: " + answer.head());
    }
  }

  /**
   * Answers what the gateway asked the peer of a call: whether it is there, when this machine stood
   * still for so long that no audio came.
   */
  private static void attend(String call, RawSipPeer peer, int done) throws IOException {
    Optional<RawSipPeer.Message> request = peer.poll();
    while (request.isPresent()) {
      if (request.get().startLine().startsWith("BYE ")) {
        throw new IOException(
            "the "
                + call
                + " call was ended within "
                + done
                + " messages: "
                + request.get().head());
      }
      peer.ok(request.get());
      request = peer.poll();
    }
  }

  private static SrtpSession protection(String answer) {
    String theirs =
        answer
            .lines()
            .filter(line -> line.startsWith("a=crypto:"))
            .map(line -> line.substring("a=crypto:".length()))
            .findFirst()
            .orElseThrow();
    return new SrtpSession(
        new SrtpKeys(
            CryptoAttribute.parse(CRYPTO).orElseThrow().key(),
            CryptoAttribute.parse(theirs).orElseThrow().key()));
  }

  private void speak(DatagramSocket from, int port, SrtpSession protection) throws IOException {
    ByteBuf packet = Unpooled.buffer(300);
    byte[] audio = new byte[160];
    RtpPacket.write(packet, false, 0, packets, 160L * packets, 7, audio, 0, audio.length);
    protection.protectRtp(packet);
    from.send(
        new DatagramPacket(
            packet.array(), packet.readableBytes(), InetAddress.getLoopbackAddress(), port));
    packet.release();
  }

  private void count(String kind) {
    sent.merge(kind, 1, Integer::sum);
  }

  private void datagrams(String kind, RawSipPeer stranger, boolean isOffer) throws IOException {
    for (int i = 0; i < BATCH; i++) {
      byte[] message = isOffer ? mutations.offer(stranger) : mutations.sip(stranger);
      stranger.sip.send(new DatagramPacket(message, message.length, gateway.udpAddress()));
      count(kind);
    }
  }

  private void stream(RawSipPeer stranger) throws IOException {
    for (int i = 0; i < BATCH / 10; i++) {
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), gateway.tcpAddress().getPort())) {
        for (int j = 0; j < 10; j++) {
          count("tcp");
          socket.getOutputStream().write(mutations.sip(stranger));
        }
      } catch (SocketException e) {
        // The gateway closed it: that is its answer to a stream that cannot be read on.
        continue;
      }
    }
  }

  private void media(
      String kind, DatagramSocket peer, DatagramSocket other, int port, boolean isRtcp)
      throws IOException {
    for (int i = 0; i < BATCH; i++) {
      byte[] message =
          i % 10 == 9 ? mutations.handshake() : isRtcp ? mutations.rtcp() : mutations.rtp();
      DatagramSocket from = i % 3 == 0 ? other : peer;
      from.send(
          new DatagramPacket(message, message.length, InetAddress.getLoopbackAddress(), port));
      count(kind);
    }
  }

  /** Mutated packets that the peer itself protects, so that they come behind the authentication. */
  private void authentic(DatagramSocket from, int port, SrtpSession protection) throws IOException {
    byte[] spoken = new byte[0];
    for (int i = 0; i < BATCH; i++) {
      boolean isRtcp = i % 4 == 3;
      byte[] message = isRtcp ? mutations.rtcp() : mutations.rtp();
      if (!isRtcp) {
        spoken = message;
      } else if (spoken.length >= 12 && message.length >= 8) {
        // A report of the source that sent last: another one's would be taken for a repetition.
        System.arraycopy(spoken, 8, message, 4, 4);
      }
      ByteBuf packet = Unpooled.buffer(message.length + 64).writeBytes(message);
      try {
        if (isRtcp) {
          protection.protectRtcp(packet);
        } else {
          protection.protectRtp(packet);
        }
      } catch (RuntimeException unprotectable) {
        // Too short, or the library refuses the header: it goes as it is.
        packet.clear().writeBytes(message);
      }
      from.send(
          new DatagramPacket(
              packet.array(),
              packet.readableBytes(),
              InetAddress.getLoopbackAddress(),
              isRtcp ? port + 1 : port));
      packet.release();
      count("authentic");
    }
  }

  /** Counts leaked buffers; before Netty makes its first. */
  private static AtomicInteger watchLeaks() {
    AtomicInteger leaks = new AtomicInteger();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
        new ResourceLeakDetectorFactory() {
          @Override
          @Deprecated
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval, long maxActive) {
            return newResourceLeakDetector(resource, samplingInterval);
          }

          @Override
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval) {
            return new ResourceLeakDetector<>(resource, samplingInterval) {
              @Override
              protected void reportTracedLeak(String type, String records) {
                leaks.incrementAndGet();
                super.reportTracedLeak(type, records);
              }

              @Override
              protected void reportUntracedLeak(String type) {
                leaks.incrementAndGet();
                super.reportUntracedLeak(type);
              }
            };
          }
        });
    return leaks;
  }

  public static void main(String[] args) throws Exception {
    int messages = Integer.parseInt(args[0]);
    long seed = Long.parseLong(args[1]);
    AtomicInteger leaks = watchLeaks();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    Path data = Files.createTempDirectory("wire-fuzz");
    CallSettings calls =
        SettingsDefaults.of(CallSettings.class, Map.of("ackTimeout", Duration.ofSeconds(5)));
    RtpSettings rtp =
        SettingsDefaults.of(
            RtpSettings.class,
            Map.of("ports", "0", "quarantine", Duration.ZERO, "timeout", Duration.ofHours(1)));
    try (RealSessions real = RealSessions.byDefault(data, registry)) {
      Sessions sessions = real.sessions();
      SipGateway gateway =
          new SipGateway(
              SipSettings.on("127.0.0.1:0"), rtp, calls, sessions, registry, Clock.systemUTC());
      gateway.start();
      try {
        run(gateway, messages, seed, registry);
        System.out.println("a good call then: " + goodCall(gateway, sessions));
      } finally {
        gateway.stop();
      }
    }
    System.gc();
    System.out.printf(
        "leaked buffers: %d, heap used: %d MB%n",
        leaks.get(),
        (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20);
  }

  private static void run(SipGateway gateway, int messages, long seed, SimpleMeterRegistry registry)
      throws IOException {
    long startNs = System.nanoTime();
    try {
      System.out.printf(
          "seed %d: sent %s in %d s%n",
          seed,
          new WireFuzz(gateway, seed).send(messages),
          (System.nanoTime() - startNs) / 1_000_000_000L);
    } finally {
      registry.getMeters().stream()
          .filter(meter -> meter.getId().getName().matches(".*\\.(defects|outcomes)"))
          .forEach(
              meter ->
                  System.out.printf(
                      "counted %s %s: %.0f%n",
                      meter.getId().getName(),
                      meter.getId().getTags(),
                      meter.measure().iterator().next().getValue()));
    }
    for (int s = 0; s < 60 && open(registry) > 0; s++) {
      LockSupport.parkNanos(1_000_000_000L);
    }
    System.out.printf("calls still open: %.0f%n", open(registry));
  }

  private static double open(SimpleMeterRegistry registry) {
    return registry.get("linescribe.call.active").gauge().value();
  }

  private static String goodCall(SipGateway gateway, Sessions sessions) throws Exception {
    short[] pcm = Pcm16Wav.samples(ProjectFiles.recorded("pin-slt.wav"));
    SessionId session = new SessionId("good-call");
    try (RawSipPeer peer = new RawSipPeer(gateway.udpAddress())) {
      int port = peer.call("X-Session-Id: " + session.value() + "\r\n").audioPort();
      long startNs = System.nanoTime();
      for (int at = 0; at + 160 <= pcm.length; at += 160) {
        byte[] packet = new byte[172];
        packet[0] = (byte) 0x80;
        int number = at / 160;
        packet[2] = (byte) (number >> 8);
        packet[3] = (byte) number;
        ByteBuffer.wrap(packet).putInt(4, at).putInt(8, 7);
        G711Law.PCMU.encode(pcm, at, 160, packet, 12);
        peer.media.send(
            new DatagramPacket(
                packet,
                packet.length,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
        LockSupport.parkNanos(startNs + (number + 1) * 20_000_000L - System.nanoTime());
      }
      peer.exchange("BYE", "", "");
    }
    for (int s = 0; s < 60 && sessions.find(session).flatMap(r -> r.endReason()).isEmpty(); s++) {
      LockSupport.parkNanos(1_000_000_000L);
    }
    return sessions.segments(session, 1, 100).stream()
        .map(Segment::text)
        .collect(Collectors.joining(" "));
  }
}
