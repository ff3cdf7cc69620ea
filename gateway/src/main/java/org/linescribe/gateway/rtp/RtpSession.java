package org.linescribe.gateway.rtp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.sdp.CodecChoice;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.jitter.JitterBuffer;
import org.linescribe.media.jitter.JitterCounters;
import org.linescribe.media.jitter.JitterSettings;
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

  private final SessionTicker ticker;
  private final RtpMetrics metrics;
  private final LongSupplier nanoClock;
  private final RtpSessionListener listener;
  private final MediaTimeout timeout;
  private final PayloadTypes types = new PayloadTypes();
  private final RtpSource source;
  private final JitterBuffer jitter;
  private final RtpCounterDeltas steps;
  private final RtpProtection protection;
  private final ConnectivityChecks checks;
  private final RtpSender sender;
  private final RtpDestination destination;
  private final RtcpReporter reporter;
  private final RtpReceiver receiver;

  private @Nullable Channel rtp;
  private @Nullable Channel rtcp;
  private Runnable onClosed = () -> {};
  private int rtpPort;
  private @Nullable NegotiatedMedia media;
  private long startedNs;
  private long lastTickNs;
  private boolean started;
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
    this.timeout = new MediaTimeout(settings.timeout());
    this.source = new RtpSource(settings, isOwnPort);
    this.jitter =
        new JitterBuffer(
            new JitterSettings(
                settings.jitterWindow(),
                settings.silencePatience(),
                settings.stallPatience(),
                settings.concealLosses()),
            types.map(),
            new SessionTimeline(listener));
    this.steps = new RtpCounterDeltas(metrics, jitter.counters());
    this.protection = new RtpProtection(ticker.loop(), metrics, identity);
    this.checks = new ConnectivityChecks(metrics, source, protection);
    this.sender = new RtpSender(metrics, protection);
    this.destination = new RtpDestination(source, protection, sender);
    this.reporter = new RtcpReporter(settings, metrics, sender, protection, clock);
    this.receiver =
        new RtpReceiver(
            metrics,
            nanoClock,
            checks,
            protection,
            types,
            source,
            timeout,
            sender,
            reporter,
            jitter,
            this::fail);
  }

  void bound(Channel rtpChannel, Channel rtcpChannel, int port, Runnable whenClosed) {
    rtp = rtpChannel;
    rtcp = rtcpChannel;
    receiver.bound(rtpChannel, rtcpChannel);
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
    negotiated(NegotiatedMedia.unsignalled(codec, payloadTypes));
    start(InetAddress.getLoopbackAddress());
  }

  /** What is negotiated next is another peer's, and packets of the one so far are none of it. */
  public void anotherPeer() {
    source.leave();
  }

  /** Applies the result of an offer/answer exchange, the first or a later one. */
  public void negotiated(NegotiatedMedia agreed) {
    NegotiatedMedia before = media;
    boolean begins =
        before == null
            || before.isHeld() && !agreed.isHeld()
            || before.remoteRtpPort() != agreed.remoteRtpPort()
            || !before.remoteHost().equals(agreed.remoteHost());
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
    if (begins) {
      timeout.begin(nanoClock.getAsLong());
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
   * The call is answered: starts the timeline. Until {@link #confirm} or media from the target, few
   * packets are sent, and only to the host that signals.
   *
   * @param signalling host that sent the INVITE
   */
  public void start(InetAddress signalling) {
    long nowNs = nanoClock.getAsLong();
    started = true;
    destination.start(signalling);
    startedNs = nowNs;
    lastTickNs = nowNs;
    jitter.begin(nowNs);
    sender.start(nowNs);
    reporter.start(nowNs);
    receiver.start(nowNs);
    timeout.begin(nowNs);
    ticker.add(this);
  }

  /** The peer acknowledged the answer, so it received it: its address is not spoofed. */
  public void confirm() {
    destination.confirm();
  }

  /**
   * Plays an announcement to the peer, once. It waits for the peer's keys and address, and while
   * the call is on hold.
   *
   * @param begun run when its first packet is sent, on the event loop
   * @param played run when it was played to its end, on the event loop
   */
  public void play(Announcement announcement, Runnable begun, Runnable played) {
    destination.play(nanoClock.getAsLong());
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
    return Duration.ofNanos(nanoClock.getAsLong() - receiver.lastPacketNs());
  }

  private boolean expectsMedia() {
    NegotiatedMedia agreed = media;
    return agreed != null && agreed.direction().receives() && !agreed.isHeld();
  }

  /** Whether nothing arrives here: no valid packet for the media timeout, or none is expected. */
  public boolean isSilent() {
    return timeout.isOver() || !expectsMedia();
  }

  /** Flushes the jitter buffer, sends an RTCP BYE and releases the ports. Idempotent. */
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    receiver.close();
    ticker.remove(this);
    if (started) {
      finish();
      if (rtp != null && rtcp != null && destination.isConfirmed()) {
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
    return receiver.handler(false);
  }

  ChannelHandler rtcpHandler() {
    return receiver.handler(true);
  }

  /** Lets time pass; every 20 ms while the session is started. */
  void tick() {
    try {
      long nowNs = nanoClock.getAsLong();
      jitter.tick(drainedNs(nowNs));
      Channel rtpChannel = Objects.requireNonNull(rtp);
      sender.send(rtpChannel, destination.address(), destination.isHeard(nowNs), nowNs);
      if (reporter.isDue(nowNs)) {
        if (destination.isConfirmed()) {
          reporter.report(rtpChannel, Objects.requireNonNull(rtcp), source, nowNs);
        }
        steps.add();
      }
      if (timeout.ends(nowNs, expectsMedia())) {
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

  private void fail(RuntimeException failure) {
    close();
    listener.onFailure(failure);
  }
}
