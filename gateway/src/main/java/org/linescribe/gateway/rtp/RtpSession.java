package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.RtpMetrics.Defect;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.jitter.JitterBuffer;
import org.linescribe.media.jitter.JitterSettings;
import org.linescribe.media.jitter.JitterSink;
import org.linescribe.media.jitter.PayloadKind;
import org.linescribe.media.jitter.PayloadMap;
import org.linescribe.media.rtp.RtpDefect;
import org.linescribe.media.rtp.RtpPacket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call's media: receives, orders and decodes; sends comfort silence, so that peers which watch
 * for media do not hang up, and reports by RTCP.
 *
 * <p>Life: bound by {@link RtpEngine}, {@link #negotiated} (again at every renegotiation), {@link
 * #start} when the call is answered, {@link #close}.
 *
 * <p>Thread: its event loop, for everything. Source: RFC 3550, RFC 4961 (symmetric RTP), RFC 5761.
 */
public final class RtpSession {
  private static final Logger LOG = LoggerFactory.getLogger(RtpSession.class);
  private static final int TICK_MS = 20;
  private static final long HELD_UP_NS = 2 * TICK_MS * 1_000_000L;

  private final EventLoop loop;
  private final RtpMetrics metrics;
  private final LongSupplier nanoClock;
  private final RtpSessionListener listener;
  private final long timeoutNs;
  private final RtpPacket packet = new RtpPacket();
  private final RtpSource source;
  private final JitterBuffer jitter;
  private final CounterSteps steps;
  private final SilenceSender silence;
  private final RtcpReporter reporter;

  private @Nullable Channel rtp;
  private @Nullable Channel rtcp;
  private Runnable onClosed = () -> {};
  private int rtpPort;
  private @Nullable NegotiatedMedia media;
  private PayloadMap payloads = new PayloadMap(Map.of());
  private @Nullable ScheduledFuture<?> ticker;
  private long lastValidNs;
  private long lastTickNs;
  private boolean started;
  private boolean timedOut;
  private boolean leftSsrc;
  private boolean closed;

  RtpSession(
      EventLoop loop,
      RtpSettings settings,
      RtpMetrics metrics,
      Clock clock,
      LongSupplier nanoClock,
      RtpSessionListener listener) {
    this.loop = loop;
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.listener = listener;
    this.timeoutNs = settings.timeout().toNanos();
    this.source = new RtpSource(settings);
    this.jitter =
        new JitterBuffer(new JitterSettings(settings.jitterWindow()), payloads, new Timeline());
    this.steps = new CounterSteps(metrics, jitter.counters());
    this.silence = new SilenceSender(metrics);
    this.reporter = new RtcpReporter(settings, metrics, silence, clock);
  }

  void bound(Channel rtpChannel, Channel rtcpChannel, int port, Runnable whenClosed) {
    rtp = rtpChannel;
    rtcp = rtcpChannel;
    rtpPort = port;
    onClosed = whenClosed;
  }

  /** Even; RTCP is the next one. */
  public int rtpPort() {
    return rtpPort;
  }

  /**
   * Our offer is on its way: the peer's media may be here before its answer, and is heard (RFC 3264
   * §5.1). Nothing is sent yet, and no silence is too long.
   */
  public void offered(int telephoneEventPayloadType) {
    Map<Integer, PayloadKind> kinds = staticPayloads();
    kinds.put(telephoneEventPayloadType, PayloadKind.TELEPHONE_EVENT);
    payloads(kinds);
  }

  /** What offer and answer agreed on, for the first time or anew. */
  public void negotiated(NegotiatedMedia agreed) {
    boolean resumes = media == null || media.isHeld() && !agreed.isHeld();
    media = agreed;
    Map<Integer, PayloadKind> kinds = staticPayloads();
    kinds.put(
        agreed.payloadType(), agreed.law() == G711Law.PCMU ? PayloadKind.PCMU : PayloadKind.PCMA);
    agreed.telephoneEvent().ifPresent(type -> kinds.put(type, PayloadKind.TELEPHONE_EVENT));
    payloads(kinds);
    if (agreed.remoteRtpPort() != 0) {
      source.announce(literal(agreed.remoteHost(), agreed.remoteRtpPort()));
    }
    silence.negotiated(agreed);
    reporter.negotiated(agreed, literal(agreed.remoteRtcpHost(), agreed.remoteRtcpPort()));
    if (resumes) {
      lastValidNs = nanoClock.getAsLong();
    }
  }

  private static Map<Integer, PayloadKind> staticPayloads() {
    Map<Integer, PayloadKind> kinds = new HashMap<>();
    kinds.put(G711Law.PCMU.payloadType(), PayloadKind.PCMU);
    kinds.put(G711Law.PCMA.payloadType(), PayloadKind.PCMA);
    kinds.put(PayloadMap.COMFORT_NOISE_PAYLOAD_TYPE, PayloadKind.COMFORT_NOISE);
    return kinds;
  }

  private void payloads(Map<Integer, PayloadKind> kinds) {
    payloads = new PayloadMap(kinds);
    jitter.payloads(payloads);
  }

  /** Only an address as such: a name would have to be looked up, and latching finds the peer. */
  private static @Nullable InetSocketAddress literal(String host, int port) {
    if (port == 0) {
      return null;
    }
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The call is answered: the timeline begins. */
  public void start() {
    long nowNs = nanoClock.getAsLong();
    started = true;
    lastValidNs = nowNs;
    lastTickNs = nowNs;
    jitter.begin(nowNs);
    silence.start(nowNs);
    reporter.start(nowNs);
    ticker = loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  /** Releases what waits, says BYE by RTCP, and gives the ports back. Idempotent. */
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (ticker != null) {
      ticker.cancel(false);
    }
    if (started) {
      finish();
      if (rtp != null && rtcp != null) {
        reporter.bye(rtp, rtcp, source, nanoClock.getAsLong());
      }
    }
    steps.add();
    metrics.jitterMs.record(reporter.jitterMs());
    Channel first = rtp;
    Channel second = rtcp;
    if (first == null || second == null) {
      return;
    }
    first.close().addListener(done -> second.close().addListener(both -> onClosed.run()));
  }

  /** A listener that fails must cost neither the ports nor the end of the call. */
  private void finish() {
    try {
      jitter.finish(nanoClock.getAsLong());
    } catch (RuntimeException e) {
      LOG.error("the end of a timeline could not be told", e);
    }
  }

  /** For the log at the call's end. */
  public RtpSummary summary() {
    return new RtpSummary(
        jitter.counters().received(),
        jitter.counters().lost(),
        jitter.counters().late(),
        jitter.counters().duplicate(),
        reporter.jitterMs(),
        jitter.positionSamples());
  }

  ChannelHandler rtpHandler() {
    return new Datagrams(false);
  }

  ChannelHandler rtcpHandler() {
    return new Datagrams(true);
  }

  private void tick() {
    try {
      long nowNs = nanoClock.getAsLong();
      jitter.tick(drainedNs(nowNs));
      NegotiatedMedia agreed = media;
      Channel rtpChannel = Objects.requireNonNull(rtp);
      silence.send(rtpChannel, source.target(), nowNs);
      if (reporter.isDue(nowNs)) {
        reporter.report(rtpChannel, Objects.requireNonNull(rtcp), source, nowNs);
        steps.add();
      }
      boolean expects = agreed != null && agreed.direction().receives() && !agreed.isHeld();
      if (!expects) {
        lastValidNs = nowNs;
      } else if (nowNs - lastValidNs > timeoutNs && !timedOut) {
        timedOut = true;
        listener.onTimeout();
      }
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /**
   * Up to when everything that came is known to be read. Usually that is now; but when the loop was
   * held up (no processor was free), the packets of that time may still be in the socket, and to
   * let the time pass would make them late. They are read before the next tick: between two ticks
   * of a session its loop reads its sockets.
   */
  private long drainedNs(long nowNs) {
    long before = lastTickNs;
    lastTickNs = nowNs;
    return nowNs - before > HELD_UP_NS ? before : nowNs;
  }

  private void onRtp(ByteBuf datagram, InetSocketAddress from) {
    RtpDefect defect = packet.parse(datagram);
    if (defect == RtpDefect.RTCP) {
      onRtcp(datagram, from);
      return;
    }
    if (defect != RtpDefect.NONE) {
      metrics.defect(Defect.NOT_RTP);
      return;
    }
    // Before the answer nobody can know the port: what comes then is not the call's.
    if (!started) {
      metrics.defect(Defect.FOREIGN_SOURCE);
      return;
    }
    if (payloads.kind(packet.payloadType()) == PayloadKind.UNKNOWN) {
      metrics.defect(Defect.UNKNOWN_PAYLOAD_TYPE);
      return;
    }
    long nowNs = nanoClock.getAsLong();
    if (!source.admit(from, packet.ssrc(), packet.sequenceNumber(), nowNs)) {
      metrics.defect(Defect.FOREIGN_SOURCE);
      return;
    }
    lastValidNs = nowNs;
    if (packet.ssrc() == silence.ssrc()) {
      leaveSsrc(nowNs);
    }
    if (payloads.kind(packet.payloadType()) != PayloadKind.TELEPHONE_EVENT) {
      reporter.received(packet, nowNs);
    }
    jitter.offer(packet, nowNs);
  }

  /**
   * The peer chose our SSRC too. Once only: what has the next one as well is our own silence, sent
   * back to us. Source: RFC 3550 §8.2.
   */
  private void leaveSsrc(long nowNs) {
    if (!leftSsrc) {
      leftSsrc = true;
      reporter.bye(Objects.requireNonNull(rtp), Objects.requireNonNull(rtcp), source, nowNs);
      silence.changeSsrc();
      reporter.ssrcChanged();
    }
  }

  private void onRtcp(ByteBuf datagram, InetSocketAddress from) {
    if (!started || !source.isHost(from.getAddress())) {
      metrics.defect(Defect.FOREIGN_SOURCE);
    } else {
      reporter.onDatagram(datagram, from, nanoClock.getAsLong());
    }
  }

  private void fail(RuntimeException failure) {
    close();
    listener.onFailure(failure);
  }

  private final class Datagrams extends SimpleChannelInboundHandler<DatagramPacket> {
    private final boolean isRtcp;

    Datagrams(boolean isRtcp) {
      this.isRtcp = isRtcp;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket datagram) {
      if (closed) {
        return;
      }
      try {
        if (isRtcp) {
          onRtcp(datagram.content(), datagram.sender());
        } else {
          onRtp(datagram.content(), datagram.sender());
        }
      } catch (RuntimeException e) {
        fail(e);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // An ICMP error of an earlier send (the peer's port is closed): the session goes on.
      LOG.trace("media socket: {}", cause.toString());
    }
  }

  private final class Timeline implements JitterSink {
    private final float[] pcm = new float[JitterBuffer.MAX_PAYLOAD_BYTES];

    @Override
    public void onAudio(G711Law law, byte[] codes, int offset, int length) {
      law.decode(codes, offset, length, pcm, 0);
      listener.onAudio(pcm, length);
    }

    @Override
    public void onSilence(long samples) {
      for (long left = samples; left > 0; left -= Integer.MAX_VALUE) {
        listener.onSilence((int) Math.min(left, Integer.MAX_VALUE));
      }
    }

    @Override
    public void onTelephoneEvent(TelephoneEvent event, long atSamples) {
      listener.onTelephoneEvent(event, atSamples);
    }
  }
}
