package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.rtp.RtpMetrics.MediaDefect;
import org.linescribe.gateway.sdp.CodecChoice;
import org.linescribe.gateway.sdp.MediaDirection;
import org.linescribe.gateway.sdp.MediaProtection;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.jitter.JitterBuffer;
import org.linescribe.media.jitter.JitterCounters;
import org.linescribe.media.jitter.JitterSettings;
import org.linescribe.media.jitter.JitterSink;
import org.linescribe.media.jitter.PayloadKind;
import org.linescribe.media.rtp.RtpDefect;
import org.linescribe.media.rtp.RtpPacket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call's media: receives, reorders and decodes RTP; sends silence, because peers with a media
 * timeout hang up otherwise, or an announcement; reports by RTCP.
 *
 * <p>Life cycle: bound by {@link RtpEngine}, {@link #negotiated} (again at every renegotiation),
 * {@link #start} when the call is answered, {@link #close}. Without signalling {@link #receive}
 * takes the place of the two in the middle.
 *
 * <p>Thread: its event loop, for everything. Source: RFC 3550, RFC 4961 (symmetric RTP), RFC 5761.
 */
public final class RtpSession {
  private static final Logger LOG = LoggerFactory.getLogger(RtpSession.class);
  private static final long HELD_UP_NS = 2 * SessionTicker.TICK_MS * 1_000_000L;

  /** Packets sent before the peer is confirmed: 0.5 s, the T1 of the 200's first repetition. */
  private static final int MAX_UNCONFIRMED_PACKETS = 25;

  /** What everybody takes for it, Asterisk as well. */
  private static final int UNSIGNALLED_TELEPHONE_EVENT = 101;

  private static final Duration UNSIGNALLED_PACKET_TIME = Duration.ofMillis(20);

  /**
   * How long an announcement waits for the peer's first packet, which shows where a peer behind a
   * NAT is; one that sends nothing has to be where its SDP says.
   */
  private static final long FIRST_PACKET_PATIENCE_NS = 500_000_000;

  private final SessionTicker ticker;
  private final RtpMetrics metrics;
  private final LongSupplier nanoClock;
  private final RtpSessionListener listener;
  private final long timeoutNs;
  private final RtpPacket packet = new RtpPacket();
  private final PayloadTypes types = new PayloadTypes();
  private final RtpSource source;
  private final JitterBuffer jitter;
  private final RtpCounterDeltas steps;
  private final RtpProtection protection;
  private final ConnectivityChecks checks;
  private final RtpSender sender;
  private final RtcpReporter reporter;

  private @Nullable Channel rtp;
  private @Nullable Channel rtcp;
  private Runnable onClosed = () -> {};
  private int rtpPort;
  private @Nullable NegotiatedMedia media;
  private @Nullable InetAddress signallingHost;
  private boolean confirmed;
  private long playFromNs;
  private long startedNs;
  private long lastPacketNs;
  private long lastValidNs;
  private long lastTickNs;
  private boolean started;
  private boolean timedOut;
  private boolean ssrcChanged;
  private boolean closed;

  RtpSession(
      SessionTicker ticker,
      RtpSettings settings,
      RtpMetrics metrics,
      Clock clock,
      LongSupplier nanoClock,
      Predicate<InetSocketAddress> isOwnPort,
      DtlsIdentity identity,
      RtpSessionListener listener) {
    this.ticker = ticker;
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.listener = listener;
    this.timeoutNs = settings.timeout().toNanos();
    this.source = new RtpSource(settings, isOwnPort);
    this.jitter =
        new JitterBuffer(
            new JitterSettings(
                settings.jitterWindow(),
                settings.silencePatience(),
                settings.stallPatience(),
                settings.concealLosses()),
            types.map(),
            new Timeline());
    this.steps = new RtpCounterDeltas(metrics, jitter.counters());
    this.protection = new RtpProtection(ticker.loop(), metrics, identity);
    this.checks = new ConnectivityChecks(metrics, source, protection);
    this.sender = new RtpSender(metrics, protection);
    this.reporter = new RtcpReporter(settings, metrics, sender, protection, clock);
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
   * Our offer was sent: media may arrive before the answer and must be accepted (RFC 3264 §5.1).
   * Nothing is sent yet and the media timeout does not run.
   *
   * @param mayBeProtected whether the answer may tell keys, so that earlier packets cannot be
   *     opened
   */
  public void offered(
      List<CodecChoice> codecs, int telephoneEventPayloadType, boolean mayBeProtected) {
    if (mayBeProtected) {
      protection.awaitAnswer();
    }
    types.offered(codecs, telephoneEventPayloadType);
    jitter.payloads(types.map());
  }

  /**
   * Receives without signalling, from now on: nothing was negotiated, and nothing is sent but
   * reports to where reports come from.
   *
   * @param payloadTypes that mean the codec, at least one; of telephone-event is 101 unless it is
   *     among them
   * @param from the only host that may send; empty: whoever is first
   */
  public void receive(AudioCodec codec, List<Integer> payloadTypes, Optional<InetAddress> from) {
    types.agreed(codec, payloadTypes);
    from.ifPresent(source::restrict);
    negotiated(
        new NegotiatedMedia(
            codec,
            payloadTypes.getFirst(),
            payloadTypes.contains(UNSIGNALLED_TELEPHONE_EVENT)
                ? OptionalInt.empty()
                : OptionalInt.of(UNSIGNALLED_TELEPHONE_EVENT),
            "",
            0,
            "",
            0,
            false,
            MediaDirection.RECVONLY,
            true,
            UNSIGNALLED_PACKET_TIME,
            new MediaProtection.Plain(),
            Optional.empty()));
    start(InetAddress.getLoopbackAddress());
  }

  /** Applies the result of an offer/answer exchange, the first or a later one. */
  public void negotiated(NegotiatedMedia agreed) {
    boolean resumes = media == null || media.isHeld() && !agreed.isHeld();
    media = agreed;
    jitter.held(!agreed.direction().receives());
    types.negotiated(agreed);
    jitter.payloads(types.map());
    checks.negotiated(agreed.ice());
    InetSocketAddress remote = literal(agreed.remoteHost(), agreed.remoteRtpPort());
    InetSocketAddress remoteRtcp = literal(agreed.remoteRtcpHost(), agreed.remoteRtcpPort());
    if (agreed.remoteRtpPort() != 0 && !checks.choseAddress()) {
      source.announce(remote);
    }
    protection.negotiated(
        agreed.protection(),
        agreed.rtcpMux(),
        Objects.requireNonNull(rtp),
        Objects.requireNonNull(rtcp),
        remote,
        remoteRtcp);
    sender.negotiated(agreed);
    reporter.negotiated(agreed, remoteRtcp);
    if (resumes) {
      lastValidNs = nanoClock.getAsLong();
      timedOut = false;
    }
  }

  /** IP addresses only: a name would need a blocking lookup, and latching finds the peer. */
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

  /**
   * The call is answered: starts the timeline. Until {@link #confirm} or media from the target, at
   * most {@value #MAX_UNCONFIRMED_PACKETS} packets are sent, and only to the host that signals:
   * otherwise one INVITE with a victim's address in its SDP would direct a stream there.
   *
   * @param signalling host that sent the INVITE
   */
  public void start(InetAddress signalling) {
    long nowNs = nanoClock.getAsLong();
    started = true;
    signallingHost = signalling;
    startedNs = nowNs;
    lastPacketNs = nowNs;
    lastValidNs = nowNs;
    lastTickNs = nowNs;
    jitter.begin(nowNs);
    sender.start(nowNs);
    reporter.start(nowNs);
    ticker.add(this);
  }

  /** The peer acknowledged the answer, so it received it: its address is not spoofed. */
  public void confirm() {
    confirmed = true;
  }

  /**
   * Plays an announcement to the peer, once. It waits for the peer's keys and address, and while
   * the call is on hold.
   *
   * @param begun run when its first packet is sent, on the event loop
   * @param played run when it was played to its end, on the event loop
   */
  public void play(Announcement announcement, Runnable begun, Runnable played) {
    playFromNs = nanoClock.getAsLong() + FIRST_PACKET_PATIENCE_NS;
    sender.play(announcement, begun, played);
  }

  /**
   * Conceals no loss with audio from before now; see {@link JitterBuffer#forgetHeard}. May be
   * called by the listener.
   */
  public void forgetHeard() {
    jitter.forgetHeard();
  }

  /**
   * What was said before now becomes silence, where it has not reached the listener yet; see {@link
   * JitterBuffer#omitEarlier}. May be called by the listener.
   */
  public void omitEarlier() {
    jitter.omitEarlier(nanoClock.getAsLong());
  }

  /** Time since the start, at 8 kHz: the length of the timeline, were all of it told. */
  public long elapsedSamples() {
    return started ? (nanoClock.getAsLong() - startedNs) / 125_000 : 0;
  }

  /** Time since the last valid packet, or since the start. */
  public Duration idleTime() {
    return Duration.ofNanos(nanoClock.getAsLong() - lastPacketNs);
  }

  private boolean expectsMedia() {
    NegotiatedMedia agreed = media;
    return agreed != null && agreed.direction().receives() && !agreed.isHeld();
  }

  /** Whether nothing arrives here: no valid packet for the media timeout, or none is expected. */
  public boolean isSilent() {
    return timedOut || !expectsMedia();
  }

  private boolean isConfirmed() {
    return confirmed || source.latched() != null;
  }

  private boolean isHeard(long nowNs) {
    return source.latched() != null || nowNs - playFromNs >= 0;
  }

  private @Nullable InetSocketAddress target() {
    InetSocketAddress target = source.target();
    boolean isAllowed =
        protection.isReady()
            && (isConfirmed()
                || target != null
                    && target.getAddress().equals(signallingHost)
                    && sender.packets() < MAX_UNCONFIRMED_PACKETS);
    return isAllowed ? target : null;
  }

  /** Flushes the jitter buffer, sends an RTCP BYE and releases the ports. Idempotent. */
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    ticker.remove(this);
    if (started) {
      finish();
      if (rtp != null && rtcp != null && isConfirmed()) {
        reporter.bye(rtp, rtcp, source, nanoClock.getAsLong());
      }
    }
    protection.close();
    steps.add();
    metrics.jitterSeconds.record(reporter.jitterMs() / 1000);
    if (jitter.counters().received() > 0) {
      metrics.mos.record(summary().mos());
    }
    Channel first = rtp;
    Channel second = rtcp;
    if (first == null || second == null) {
      return;
    }
    first.close().addListener(done -> second.close().addListener(both -> onClosed.run()));
  }

  /** An exception of the listener must neither leak the ports nor stop the call's end. */
  private void finish() {
    try {
      jitter.finish(nanoClock.getAsLong());
    } catch (RuntimeException e) {
      LOG.error("flushing the jitter buffer failed", e);
    }
  }

  /** For the log at the call's end. */
  public RtpSummary summary() {
    JitterCounters counters = jitter.counters();
    return new RtpSummary(
        counters.received(),
        counters.lost(),
        counters.late(),
        counters.duplicate(),
        reporter.jitterMs(),
        RtpSummary.mos(
            counters.received(),
            counters.lost(),
            counters.late(),
            counters.duplicate(),
            reporter.jitterMs()),
        counters.concealedSamples(),
        jitter.positionSamples());
  }

  ChannelHandler rtpHandler() {
    return new MediaDatagramHandler(false);
  }

  ChannelHandler rtcpHandler() {
    return new MediaDatagramHandler(true);
  }

  /** Lets time pass; every 20 ms while the session is started. */
  void tick() {
    try {
      long nowNs = nanoClock.getAsLong();
      jitter.tick(drainedNs(nowNs));
      Channel rtpChannel = Objects.requireNonNull(rtp);
      sender.send(rtpChannel, target(), isHeard(nowNs), nowNs);
      if (reporter.isDue(nowNs)) {
        if (isConfirmed()) {
          reporter.report(rtpChannel, Objects.requireNonNull(rtcp), source, nowNs);
        }
        steps.add();
      }
      if (!expectsMedia()) {
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
   * The time up to which the socket is known to be drained. Usually that is now; but when the event
   * loop was held up, packets of that time may still be in the socket, and advancing the clock
   * would make them late. They are read before the next tick, because the loop polls its sockets
   * between two ticks.
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
      metrics.defect(MediaDefect.NOT_RTP);
      return;
    }
    // Nobody knows the port before our SDP was sent: an earlier packet belongs to another call.
    if (!started) {
      metrics.defect(MediaDefect.FOREIGN_SOURCE);
      return;
    }
    if (!protection.opensRtp(datagram) || packet.parse(datagram) != RtpDefect.NONE) {
      return;
    }
    PayloadKind kind = types.map().kind(packet.payloadType());
    if (kind == PayloadKind.UNKNOWN) {
      metrics.defect(MediaDefect.UNKNOWN_PAYLOAD_TYPE);
      return;
    }
    types.rewrite(packet, kind);
    long nowNs = nanoClock.getAsLong();
    switch (source.admit(from, packet, nowNs)) {
      case FOREIGN -> {
        metrics.defect(MediaDefect.FOREIGN_SOURCE);
        return;
      }
      case MOVED -> metrics.sourceChanges.increment();
      case ADMITTED -> {}
    }
    lastPacketNs = nowNs;
    lastValidNs = nowNs;
    timedOut = false;
    if (packet.ssrc() == sender.ssrc()) {
      resolveSsrcCollision(nowNs);
    }
    if (kind != PayloadKind.TELEPHONE_EVENT) {
      reporter.received(packet, nowNs);
    }
    jitter.offer(packet, nowNs);
  }

  /**
   * Resolves an SSRC collision (RFC 3550 §8.2). Once only: a peer that collides again is looping
   * our own packets back.
   */
  private void resolveSsrcCollision(long nowNs) {
    if (!ssrcChanged) {
      ssrcChanged = true;
      reporter.bye(Objects.requireNonNull(rtp), Objects.requireNonNull(rtcp), source, nowNs);
      sender.changeSsrc();
      reporter.ssrcChanged();
    }
  }

  private void onRtcp(ByteBuf datagram, InetSocketAddress from) {
    if (!started || !source.isHost(from.getAddress())) {
      metrics.defect(MediaDefect.FOREIGN_SOURCE);
    } else if (protection.opensRtcp(datagram)) {
      reporter.onDatagram(datagram, from, nanoClock.getAsLong());
    }
  }

  private void fail(RuntimeException failure) {
    close();
    listener.onFailure(failure);
  }

  private final class MediaDatagramHandler extends SimpleChannelInboundHandler<DatagramPacket> {
    private final boolean isRtcp;

    MediaDatagramHandler(boolean isRtcp) {
      this.isRtcp = isRtcp;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket datagram) {
      if (closed) {
        return;
      }
      try {
        if (checks.takes(ctx.channel(), datagram, isRtcp, nanoClock.getAsLong())
            || protection.takesHandshake(datagram.content(), datagram.sender(), isRtcp)) {
          return;
        }
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
      // An ICMP error of an earlier send (the peer's port is closed) does not end the session.
      LOG.trace("media socket: {}", cause.toString());
    }
  }

  private final class Timeline implements JitterSink {
    @Override
    public void onAudio(AudioCodec codec, short[] pcm, int samples) {
      listener.onAudio(pcm, samples);
    }

    @Override
    public void onConcealed(AudioCodec codec, short[] pcm, int samples) {
      listener.onConcealed(pcm, samples);
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
