package org.linescribe.gateway.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.ice.IceCredentials;
import org.linescribe.gateway.ice.IceSession;
import org.linescribe.gateway.sdp.MediaProtection;
import org.linescribe.testsupport.Patience;

/** A peer that nominates pairs of addresses, as it likes. */
class ConnectivityChecksTest {
  private static final InetSocketAddress US = new InetSocketAddress("192.0.2.200", 20_000);
  private static final InetSocketAddress WIFI = new InetSocketAddress("192.0.2.1", 4000);
  private static final InetSocketAddress MOBILE = new InetSocketAddress("198.51.100.1", 7000);
  private static final InetSocketAddress THIEF = new InetSocketAddress("203.0.113.9", 9000);
  private static final long HIGH = 2_130_706_431L;
  private static final long LOW = 1_686_052_607L;
  private static final long MS = 1_000_000;

  private final IceSession ice = new IceSession(IceCredentials.create(), "peer");
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RtpSource source = new RtpSource(RtpSettings.on("20000-20009"), own -> false);
  private final DtlsIdentity identity = new DtlsIdentity();
  private RtpMetrics metrics;
  private ConnectivityChecks checks;
  private int transactions;

  @BeforeEach
  void negotiate() {
    metrics = new RtpMetrics(registry);
    checks =
        new ConnectivityChecks(
            metrics, source, new RtpProtection(channel.eventLoop(), metrics, identity));
    checks.negotiated(Optional.of(ice));
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  /** A request with USE-CANDIDATE. */
  private byte[] nomination(long priority) throws GeneralSecurityException {
    byte[] user = (ice.ours().ufrag() + ":peer").getBytes(StandardCharsets.US_ASCII);
    int padded = (user.length + 3) / 4 * 4;
    ByteBuffer out = ByteBuffer.allocate(20 + 4 + padded + 8 + 4 + 24);
    out.putShort((short) 1).putShort((short) (out.capacity() - 20)).putInt(0x2112_A442);
    out.putLong(7).putInt(transactions++);
    out.putShort((short) 6).putShort((short) user.length).put(user);
    out.position(20 + 4 + padded);
    out.putShort((short) 0x24).putShort((short) 4).putInt((int) priority);
    out.putShort((short) 0x25).putShort((short) 0);
    Mac mac = Mac.getInstance("HmacSHA1");
    mac.init(
        new SecretKeySpec(ice.ours().password().getBytes(StandardCharsets.US_ASCII), "HmacSHA1"));
    mac.update(out.array(), 0, out.position());
    out.putShort((short) 8).putShort((short) 20).put(mac.doFinal());
    return out.array();
  }

  private void send(InetSocketAddress from, byte[] request, long atMs) {
    DatagramPacket datagram = new DatagramPacket(Unpooled.wrappedBuffer(request), US, from);
    assertThat(checks.takes(channel, datagram, false, atMs * MS)).isTrue();
    datagram.release();
    DatagramPacket answer = channel.readOutbound();
    assertThat(answer.recipient()).as("every check is answered").isEqualTo(from);
    answer.release();
  }

  private void nominate(InetSocketAddress from, long priority, long atMs) throws Exception {
    send(from, nomination(priority), atMs);
  }

  @Test
  void believesTheFirstNominationAndOneOfAHigherPriorityAtOnce() throws Exception {
    nominate(MOBILE, LOW, 0);
    assertThat(source.target()).isEqualTo(MOBILE);

    nominate(WIFI, HIGH, 20);
    assertThat(source.target()).isEqualTo(WIFI);
    assertThat(checks.choseAddress()).isTrue();
  }

  @Test
  void aPeerThatNominatesTwoInTurnMovesTheMediaOnce() throws Exception {
    int moves = 0;
    for (long atMs = 0; atMs < 60_000; atMs += 100) {
      InetSocketAddress before = source.target();
      nominate(atMs / 100 % 2 == 0 ? MOBILE : WIFI, atMs / 100 % 2 == 0 ? LOW : HIGH, atMs);
      moves += source.target().equals(before) ? 0 : 1;
    }

    assertThat(moves).isEqualTo(2);
    assertThat(source.target()).isEqualTo(WIFI);
  }

  @Test
  void pairsOfOnePriorityInTurnDoNotMoveTheMediaEither() throws Exception {
    for (long atMs = 0; atMs < 60_000; atMs += 400) {
      nominate(atMs / 400 % 2 == 0 ? WIFI : MOBILE, HIGH, atMs);
      assertThat(source.target()).isEqualTo(WIFI);
    }
  }

  @Test
  void aPeerThatLeavesANetworkIsFollowed() throws Exception {
    nominate(WIFI, HIGH, 0);

    nominate(MOBILE, LOW, 480);
    assertThat(source.target()).isEqualTo(WIFI);
    nominate(MOBILE, LOW, 1000);
    assertThat(source.target()).isEqualTo(MOBILE);
  }

  @Test
  void aRequestThatASecondHostRepeatsNominatesNothing() throws Exception {
    byte[] request = nomination(HIGH);
    send(WIFI, request, 0);

    send(THIEF, request, 10);
    send(THIEF, request, 5000);

    assertThat(source.target()).isEqualTo(WIFI);
  }

  /** Nor does our handshake, which a copied request would send to whom its sender likes. */
  @Test
  void beginsTheHandshakeWithThePeerAndNotWithWhoRepeatsItsRequest() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (DatagramSocket peer = new DatagramSocket(0, loopback);
        DatagramSocket thief = new DatagramSocket(0, loopback)) {
      Channel wire =
          new Bootstrap()
              .group(loops)
              .channel(NioDatagramChannel.class)
              .handler(new ChannelInboundHandlerAdapter())
              .bind(loopback, 0)
              .sync()
              .channel();
      RtpProtection protection = new RtpProtection(wire.eventLoop(), metrics, identity);
      checks = new ConnectivityChecks(metrics, source, protection);
      checks.negotiated(Optional.of(ice));
      MediaProtection dtls = new MediaProtection.Dtls(identity.fingerprint(), true);
      byte[] request = nomination(HIGH);

      wire.eventLoop()
          .submit(
              () -> {
                protection.negotiated(dtls, true, wire, wire, null, null);
                for (DatagramSocket from : List.of(peer, thief)) {
                  DatagramPacket check =
                      new DatagramPacket(
                          Unpooled.wrappedBuffer(request),
                          US,
                          (InetSocketAddress) from.getLocalSocketAddress());
                  checks.takes(wire, check, false, 0);
                  check.release();
                }
              })
          .sync();

      assertThat(firstByteAfterTheAnswer(peer)).as("a record of a handshake").isEqualTo(22);
      wire.eventLoop().submit(protection::close).sync();
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private static int firstByteAfterTheAnswer(DatagramSocket socket) throws IOException {
    socket.setSoTimeout(Patience.LIMIT_MS);
    byte[] received = new byte[2000];
    socket.receive(new java.net.DatagramPacket(received, received.length));
    assertThat(received[0]).as("a success of STUN").isEqualTo((byte) 1);
    socket.receive(new java.net.DatagramPacket(received, received.length));
    return received[0];
  }

  @Test
  void aRestartBeginsAnew() throws Exception {
    nominate(WIFI, HIGH, 0);

    checks.negotiated(Optional.of(new IceSession(ice.ours(), "again")));
    checks.negotiated(Optional.of(ice));
    nominate(MOBILE, LOW, 20);

    assertThat(source.target()).isEqualTo(MOBILE);
  }
}
