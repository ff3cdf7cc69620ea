package org.linescribe.gateway.call;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.leg.OperatedSource;
import org.linescribe.gateway.mediaports.RtpMediaPorts;
import org.linescribe.gateway.registration.RegistrationSettings;
import org.linescribe.gateway.registration.Registrations;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipBindException;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipServer;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.trunk.CallAdmission;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.TrunkProbes;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.LineStatus;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.calls.RegistrationStatus;
import org.linescribe.session.calls.TrunkStatus;
import org.linescribe.session.mediaports.MediaPorts;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.tracing.SessionTraces;
import org.linescribe.settings.HostPort;

/**
 * The SIP user agent server: answers calls and writes their audio to {@link Sessions}.
 *
 * <p>Life cycle: {@link #start}, {@link #drain} so that open utterances become durable, {@link
 * #stop}. Not restartable. Thread: one at a time for these; any for the addresses.
 */
public final class SipGateway implements LineStatus, AutoCloseable {
  private static final Duration STOP_DRAIN = Duration.ofSeconds(2);
  private final SipListeners listeners;
  private final SipSettings sipSettings;
  private final RtpSettings rtpSettings;
  private final CallSettings callSettings;
  private final Sessions sessions;
  private final MeterRegistry registry;
  private final Clock clock;
  private final LongSupplier nanoClock;
  private LineSettings line = LineSettings.defaults();
  private RegistrationSettings registrationSettings = RegistrationSettings.defaults();
  private CallLog callLog = CallLog.NONE;
  private QualitySettings qualitySettings = QualitySettings.defaults();
  private QualityAlert.Listener qualityAlerts = _ -> {};
  private @Nullable CallRecordings recordings;
  private SessionTraces traces = SessionTraces.OFF;
  private TimerScheduler timers = TimerScheduler.REAL_TIME;
  private volatile @Nullable Registrations registrations;
  private volatile @Nullable TrunkProbes probes;
  private volatile @Nullable RtpEngine rtp;
  private final RtpMediaPorts mediaPorts;
  private volatile @Nullable CallRegistry calls;
  private @Nullable SipServer sip;

  /** Without TLS and WebSocket. */
  public SipGateway(
      SipSettings sipSettings,
      RtpSettings rtpSettings,
      CallSettings callSettings,
      Sessions sessions,
      MeterRegistry registry,
      Clock clock) {
    this(SipListeners.of(sipSettings), rtpSettings, callSettings, sessions, registry, clock);
  }

  public SipGateway(
      SipListeners listeners,
      RtpSettings rtpSettings,
      CallSettings callSettings,
      Sessions sessions,
      MeterRegistry registry,
      Clock clock) {
    this(listeners, rtpSettings, callSettings, sessions, registry, clock, System::nanoTime);
  }

  /**
   * @param nanoClock monotonic; orders media in time and drives media timeouts
   */
  SipGateway(
      SipListeners listeners,
      RtpSettings rtpSettings,
      CallSettings callSettings,
      Sessions sessions,
      MeterRegistry registry,
      Clock clock,
      LongSupplier nanoClock) {
    this.listeners = listeners;
    this.sipSettings = listeners.sip();
    this.rtpSettings = rtpSettings;
    this.callSettings = callSettings;
    this.sessions = sessions;
    this.registry = registry;
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.mediaPorts = new RtpMediaPorts(rtpSettings, sessions, registry, clock);
  }

  /**
   * Says who may call and what calls get; without it everybody may and gets the defaults. Before
   * {@link #start}.
   */
  public SipGateway line(LineSettings settings) {
    line = settings;
    return this;
  }

  /** Keeps the records of calls there. Before {@link #start}; without it none is kept. */
  public SipGateway callLog(CallLog log) {
    callLog = log;
    mediaPorts.callLog(log);
    return this;
  }

  /** Watches the quality of calls so. Before {@link #start}; without it nobody is told. */
  public SipGateway quality(QualitySettings settings, QualityAlert.Listener listener) {
    qualitySettings = settings;
    qualityAlerts = listener;
    return this;
  }

  /** Keeps recordings of calls there. Before {@link #start}; without it none is recorded. */
  public SipGateway recordings(CallRecordings kept) {
    recordings = kept;
    return this;
  }

  /** Records what calls do there. Before {@link #start}; without it nobody does. */
  public SipGateway traces(SessionTraces recorder) {
    traces = recorder;
    return this;
  }

  /** Runs the timers of calls so. Before {@link #start}. */
  SipGateway timers(TimerScheduler scheduler) {
    timers = scheduler;
    return this;
  }

  /** Registers the gateway at registrars while it runs. Before {@link #start}. */
  public SipGateway registrations(RegistrationSettings settings) {
    registrationSettings = settings;
    return this;
  }

  /**
   * Binds and serves.
   *
   * @throws SipBindException when the address cannot be bound; nothing is left open
   * @throws IllegalArgumentException when a bind setting names no address of this machine, or an
   *     announcement cannot be used
   */
  public void start() throws SipBindException {
    InetAddress rtpAddress = rtpAddress();
    Announcements announcements = new Announcements(callSettings, line);
    RtpEngine engine = new RtpEngine(rtpSettings, rtpAddress, registry, clock, nanoClock);
    CallRegistry callRegistry =
        new CallRegistry(
            context(engine, announcements),
            sipSettings.advertisedAddress(),
            rtpAddress,
            new CallAdmission(line));
    SipServer server =
        new SipServer(listeners, callRegistry, registry, registrationSettings.failover());
    try {
      server.start();
    } catch (SipBindException | RuntimeException e) {
      server.close();
      engine.close();
      throw e;
    }
    mediaPorts.start(engine, sipSettings.advertisedAddress(), rtpAddress);
    rtp = engine;
    calls = callRegistry;
    sip = server;
    Registrations kept = new Registrations(registrationSettings, server.client(), registry, clock);
    kept.start();
    registrations = kept;
    TrunkProbes asking = new TrunkProbes(line, server.client(), registry, clock);
    asking.start();
    probes = asking;
    engine.prepare();
  }

  private CallContext context(RtpEngine engine, Announcements announcements) {
    return new CallContext(
        callSettings,
        callSettings.networks(),
        sessions,
        engine,
        engine.srtp(),
        new CallMetrics(registry, () -> calls().used()),
        clock,
        nanoClock,
        callLog,
        qualitySettings,
        qualityAlerts,
        announcements,
        recordings,
        traces,
        timers,
        registrationSettings::account);
  }

  private InetAddress rtpAddress() {
    boolean asSip = rtpSettings.bind().isBlank();
    String bind = asSip ? sipSettings.bind() : rtpSettings.bind();
    try {
      return InetAddress.getByName(
          asSip ? HostPort.parse("linescribe.sip.bind", bind).host() : bind);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          (asSip ? "linescribe.sip.bind: '" : "linescribe.rtp.bind: '")
              + bind
              + "' (expected: an address of this machine)",
          e);
    }
  }

  /** Where SIP over UDP listens. */
  public InetSocketAddress udpAddress() {
    return Objects.requireNonNull(sip, "not started").udpAddress();
  }

  /** Where SIP over TCP listens: the same port. */
  public InetSocketAddress tcpAddress() {
    return Objects.requireNonNull(sip, "not started").tcpAddress();
  }

  /** Where a further transport listens: "tls", "ws", "wss"; empty when it is off. */
  public Optional<InetSocketAddress> address(String protocol) {
    return Objects.requireNonNull(sip, "not started").address(protocol);
  }

  /** RTP ports for senders without signalling; they can be opened while the gateway runs. */
  public MediaPorts mediaPorts() {
    return mediaPorts;
  }

  /** The open calls and media ports. */
  public List<OperatedSource> sources() {
    List<OperatedSource> open = new ArrayList<>(mediaPorts.sources());
    CallRegistry started = calls;
    if (started != null) {
      open.addAll(started.calls());
    }
    return open;
  }

  @Override
  public LineUsage calls() {
    CallRegistry started = calls;
    return started == null ? new LineUsage(0, callSettings.maxCalls()) : started.usage();
  }

  @Override
  public LineUsage portPairs() {
    RtpEngine engine = rtp;
    return engine == null ? new LineUsage(0, 0) : new LineUsage(engine.usedPairs(), engine.pairs());
  }

  @Override
  public List<RegistrationStatus> registrations() {
    Registrations kept = registrations;
    return kept == null ? List.of() : kept.states();
  }

  @Override
  public List<TrunkStatus> trunks() {
    CallRegistry started = calls;
    TrunkProbes asking = probes;
    return started == null || asking == null
        ? List.of()
        : started.trunks().stream().map(asking::with).toList();
  }

  /**
   * Ends the registrations, refuses new calls with 503, and waits for the open ones to end by
   * themselves.
   */
  public void refuseNew(Duration atMost) throws InterruptedException {
    endRegistrations();
    if (calls != null) {
      calls.refuseNew();
      calls.awaitNone(atMost);
    }
  }

  private void endRegistrations() {
    Registrations kept = registrations;
    if (kept != null) {
      // First, so that registrars send no call that would be refused.
      kept.close();
      registrations = null;
    }
  }

  /**
   * Refuses new calls with 503 and ends the open ones: their open utterances are recognised and
   * persisted, then the peers get a BYE. Returns when all have ended, or after {@code atMost}.
   */
  public void drain(Duration atMost) throws InterruptedException {
    endRegistrations();
    if (calls != null) {
      calls.drain(atMost);
    }
  }

  /** Closes the sockets. Drains calls that are still open for at most 2 s first. Idempotent. */
  public void stop() {
    try {
      drain(STOP_DRAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    TrunkProbes asking = probes;
    if (asking != null) {
      asking.close();
      probes = null;
    }
    if (sip != null) {
      sip.close();
      sip = null;
    }
    mediaPorts.close(STOP_DRAIN);
    if (rtp != null) {
      rtp.close();
      rtp = null;
    }
  }

  @Override
  public void close() {
    stop();
  }
}
