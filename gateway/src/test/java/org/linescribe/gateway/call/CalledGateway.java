package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.gateway.leg.SourceCalls;
import org.linescribe.gateway.registration.RegistrationSettings;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipBindException;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.tracing.SessionTraces;
import org.linescribe.settings.SettingsDefaults;

/**
 * A gateway on ports of its own, a peer that says just what a test writes, sessions that only
 * record, and media time that stands still until a test moves it.
 */
abstract class CalledGateway {
  static final Duration RTP_TIMEOUT = Duration.ofSeconds(30);

  final RecordingSessionsFake sessions = new RecordingSessionsFake();
  SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final List<QualityAlert> alerts = new CopyOnWriteArrayList<>();
  final StandingClock mediaClock = new StandingClock();
  private Duration keepalive = Duration.ZERO;
  SessionTraces traces = SessionTraces.OFF;
  TimerScheduler timers = TimerScheduler.REAL_TIME;

  /** The calls' timers after {@link #standStill}. */
  final ManualTimers time = new ManualTimers();

  Set<Thread> threadsBefore;
  SipGateway gateway;
  RawSipPeer peer;

  @BeforeEach
  void start() throws Exception {
    threadsBefore = Set.copyOf(Thread.getAllStackTraces().keySet());
    gateway = gateway(settings(10, Duration.ofSeconds(60), Duration.ofSeconds(60)));
    peer = new RawSipPeer(gateway.udpAddress());
  }

  /** Who may call; a test with trunks has others. */
  LineSettings line() {
    return LineSettings.defaults();
  }

  /** Where its requests go by name; a test with a DNS server has others. */
  RegistrationSettings registrations() {
    return RegistrationSettings.defaults();
  }

  /** Time of day. */
  Clock clock() {
    return Clock.systemUTC();
  }

  static CallSettings settings(int maxCalls, Duration openTimeout, Duration ackTimeout) {
    return SettingsDefaults.of(
        CallSettings.class,
        Map.of("maxCalls", maxCalls, "openTimeout", openTimeout, "ackTimeout", ackTimeout));
  }

  /** Where it listens; a test of another transport says more. */
  SipListeners listeners() {
    return SipListeners.of(SipSettings.on("127.0.0.1:0"));
  }

  /** Media; a test of encryption says more. */
  RtpSettings rtp() {
    return rtp(Map.of());
  }

  static RtpSettings rtp(Map<String, Object> more) {
    Map<String, Object> values =
        new HashMap<>(
            Map.of(
                "ports",
                "0",
                "quarantine",
                Duration.ZERO,
                "timeout",
                RTP_TIMEOUT,
                "rtcpInterval",
                Duration.ofSeconds(1),
                "eventLoops",
                1));
    values.putAll(more);
    return SettingsDefaults.of(RtpSettings.class, values);
  }

  SipGateway gateway(CallSettings calls) throws SipBindException {
    SipGateway made =
        new SipGateway(listeners(), rtp(), calls, sessions, registry, clock(), mediaClock)
            .line(line())
            .registrations(registrations())
            .quality(
                SettingsDefaults.of(
                    QualitySettings.class, Map.of("interval", Duration.ofMillis(100))),
                alerts::add);
    made.callLog(sessions.callLog());
    made.traces(traces);
    made.timers(timers);
    made.start();
    return made;
  }

  /** What operators do with a gateway's calls. */
  static CallControl control(SipGateway gateway) {
    return new SourceCalls(gateway::sources);
  }

  CallControl control() {
    return control(gateway);
  }

  void restart(CallSettings calls) throws Exception {
    stop();
    registry = new SimpleMeterRegistry();
    gateway = gateway(calls);
    peer = new RawSipPeer(gateway.udpAddress());
  }

  /**
   * Begins anew with timers that only a test moves.
   *
   * @param keepaliveInterval unlike any other timer of a call: see {@link #awaitKeepalive}
   */
  void standStill(Duration keepaliveInterval) throws Exception {
    timers = time;
    keepalive = keepaliveInterval;
    restart(
        SettingsDefaults.of(CallSettings.class, Map.of("keepaliveInterval", keepaliveInterval)));
  }

  /**
   * Calls, and waits until the ACK was read. Whoever moves the time before that may end the call,
   * as the timer that waits for the ACK is set by then.
   */
  Message callAcknowledged(String headers) throws IOException {
    Message ok = peer.call(headers);
    awaitKeepalive();
    return ok;
  }

  /**
   * Waits for the timer that the ACK sets, and the end of each question whether a peer is there.
   */
  void awaitKeepalive() {
    awaitTimer(keepalive);
  }

  void awaitTimer(Duration after) {
    await().until(() -> time.isSet(after));
  }

  @AfterEach
  void stop() {
    peer.close();
    gateway.stop();
  }

  double openCalls() {
    return registry.get("linescribe.call.active").gauge().value();
  }

  void awaitEnd(String reason) {
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo(reason));
    await().until(() -> openCalls() == 0);
  }
}
