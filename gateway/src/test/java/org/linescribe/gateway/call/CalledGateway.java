package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.gateway.call.Patience.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipBindException;
import org.linescribe.gateway.sip.SipSettings;

/**
 * A gateway on ports of its own, a peer that says just what a test writes, sessions that only
 * record, and media time that stands still until a test moves it.
 */
abstract class CalledGateway {
  static final Duration RTP_TIMEOUT = Duration.ofSeconds(30);

  final RecordingSessionsFake sessions = new RecordingSessionsFake();
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final StandingClock mediaClock = new StandingClock();
  Set<Thread> threadsBefore;
  SipGateway gateway;
  RawSipPeer peer;

  @BeforeEach
  void start() throws Exception {
    threadsBefore = Set.copyOf(Thread.getAllStackTraces().keySet());
    gateway = gateway(settings(10, Duration.ofSeconds(60), Duration.ofSeconds(60)));
    peer = new RawSipPeer(gateway.udpAddress());
  }

  static CallSettings settings(int maxCalls, Duration openTimeout, Duration ackTimeout) {
    return new CallSettings(
        maxCalls, Duration.ofSeconds(5), true, Duration.ZERO, openTimeout, ackTimeout);
  }

  SipGateway gateway(CallSettings calls) throws SipBindException {
    RtpSettings rtp =
        new RtpSettings(
            "",
            "0",
            Duration.ZERO,
            RTP_TIMEOUT,
            Duration.ofMillis(60),
            RtpSettings.Source.LATCH,
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            1);
    SipGateway made =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            rtp,
            calls,
            sessions,
            registry,
            Clock.systemUTC(),
            mediaClock);
    made.start();
    return made;
  }

  void restart(CallSettings calls) throws Exception {
    stop();
    gateway = gateway(calls);
    peer = new RawSipPeer(gateway.udpAddress());
  }

  @AfterEach
  void stop() {
    peer.close();
    gateway.stop();
  }

  void awaitEnd(String reason) {
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo(reason));
    await().until(() -> gateway.openCalls() == 0);
  }
}
