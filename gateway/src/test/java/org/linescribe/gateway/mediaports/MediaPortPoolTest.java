package org.linescribe.gateway.mediaports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpSession;
import org.linescribe.gateway.rtp.RtpSessionListener;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionRefusedException.Reason;
import org.linescribe.session.Sessions;
import org.linescribe.session.mediaports.MediaFormat;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.OpenMediaPorts;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.SipKit;

/** Which ports are opened, how many, and that all are given back. */
class MediaPortPoolTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final List<AutoCloseable> open = new ArrayList<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicInteger ends = new AtomicInteger();
  private RtpEngine engine;

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  /** Sessions that would take everything, and are brought no audio. */
  private static Sessions idleSessionsFake() {
    return (Sessions)
        Proxy.newProxyInstance(
            Sessions.class.getClassLoader(),
            new Class<?>[] {Sessions.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "check" -> null;
                  case "readiness" -> new Sessions.Readiness(true, true, true, 0, "");
                  case "find" -> Optional.empty();
                  case "isLive" -> false;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private RtpMediaPorts ports(Map<String, Object> changed) {
    Map<String, Object> settings = new HashMap<>(Map.of("ports", "0"));
    settings.putAll(changed);
    RtpSettings rtp = SettingsDefaults.of(RtpSettings.class, settings);
    engine = new RtpEngine(rtp, LOOPBACK, meters, Clock.systemUTC(), System::nanoTime);
    open.add(engine);
    RtpMediaPorts made = new RtpMediaPorts(rtp, idleSessionsFake(), meters, Clock.systemUTC());
    made.start(engine, "", LOOPBACK);
    open.add(() -> made.close(Duration.ofSeconds(60)));
    return made;
  }

  /** Three pairs, of which media ports may have two. */
  private RtpMediaPorts threePairs(int even) {
    return ports(Map.of("ports", even + "-" + (even + 5), "quarantine", Duration.ZERO));
  }

  private static MediaPortRequest request(MediaFormat format, String... legs) {
    return new MediaPortRequest(
        SessionId.random(System.currentTimeMillis()),
        Optional.of("pbx"),
        format,
        OptionalInt.empty(),
        legs.length == 0 ? List.of("caller") : List.of(legs),
        Optional.empty(),
        RecognitionRequest.DEFAULT,
        LOOPBACK);
  }

  private OpenMediaPorts open(RtpMediaPorts ports, MediaPortRequest request)
      throws SessionRefusedException {
    return ports.open(request, ends::incrementAndGet);
  }

  private SessionRefusedException refusal(RtpMediaPorts ports, MediaPortRequest request) {
    return catchThrowableOfType(SessionRefusedException.class, () -> open(ports, request));
  }

  private double pairsLeft() {
    return meters.get("linescribe.rtp.ports.free").gauge().value();
  }

  @Test
  void portsThatAreUsedUpAreRefusedUntilOneIsClosed() throws Exception {
    RtpMediaPorts ports = ports(Map.of("mediaPorts", 2));
    OpenMediaPorts both = open(ports, request(MediaFormat.ULAW, "caller", "callee"));
    SessionRefusedException refusal = refusal(ports, request(MediaFormat.ULAW));
    assertThat(refusal.reason()).isEqualTo(Reason.OVERLOADED);
    assertThat(refusal.retryAfter()).isPositive();
    assertThat(refusal).hasMessageContaining("all 2 media ports");

    assertThat(ports.close(both.request().sessionId())).isTrue();
    assertThat(open(ports, request(MediaFormat.ULAW)).ports()).hasSize(1);
    assertThat(ports.close(both.request().sessionId())).as("closed already").isFalse();
  }

  @Test
  void theRangeOfPortsIsThatOfCallsAndAHalfOpenedPairIsGivenBack() throws Exception {
    int even = SipKit.freeBase(6);
    RtpMediaPorts ports = threePairs(even);
    for (int calls = 0; calls < 2; calls++) {
      RtpSession call = engine.open(engine.nextLoop(), new Nobody()).toCompletableFuture().get();
      open.add(() -> call.close());
    }
    SessionRefusedException refusal = refusal(ports, request(MediaFormat.ULAW, "caller", "callee"));
    assertThat(refusal.reason()).isEqualTo(Reason.OVERLOADED);
    assertThat(refusal).hasMessageContaining("all media ports are in use");

    await().until(() -> pairsLeft() == 1);
    open(ports, request(MediaFormat.ULAW));
    assertThat(refusal(ports, request(MediaFormat.ULAW)))
        .hasMessageContaining("all media ports are in use");
  }

  @Test
  void aPairOfTheRangeIsLeftToCallsAndWhatNeverFitsIsNotServed() throws Exception {
    int even = SipKit.freeBase(6);
    RtpMediaPorts ports = ports(Map.of("ports", even + "-" + (even + 5)));
    SessionRefusedException never = refusal(ports, request(MediaFormat.ULAW, "a", "b", "c"));
    assertThat(never.reason()).isEqualTo(Reason.UNSUPPORTED);
    assertThat(never).hasMessageContaining("legs: 3 (expected: at most 2, ");
    open(ports, request(MediaFormat.ULAW, "a", "b"));
    assertThat(refusal(ports, request(MediaFormat.ULAW)))
        .hasMessageContaining("all 2 media ports of linescribe.rtp.media-ports are in use");

    RtpMediaPorts none = ports(Map.of("mediaPorts", 0));
    assertThat(refusal(none, request(MediaFormat.ULAW)).reason()).isEqualTo(Reason.UNSUPPORTED);
  }

  /** As a permit, a port of the line is given back once, and not before it is closed. */
  @Test
  void aLineThatIsClosedRefusesAndGivesPermitsBack() {
    RtpMediaPorts ports = ports(Map.of("mediaPorts", 1));
    engine.close();
    for (int i = 0; i < 3; i++) {
      assertThat(refusal(ports, request(MediaFormat.ULAW)).reason()).isEqualTo(Reason.DRAINING);
    }
    assertThat(meters.get("linescribe.media.ports.open").gauge().value()).isZero();
    assertThat(ends).hasValue(0);
  }

  /** Its port for RTP, or only the one behind it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aPairThatAnotherProgramHasIsPassedOver(int taken) throws Exception {
    int even = SipKit.freeBase(6);
    try (DatagramSocket another = new DatagramSocket(even + taken, LOOPBACK)) {
      RtpMediaPorts ports = threePairs(even);

      int opened = open(ports, request(MediaFormat.ULAW)).ports().getFirst().port();

      assertThat(opened).isIn(even + 2, even + 4);
      assertThat(another.isBound()).isTrue();
      // The pair's other port is not kept, though it may have been bound.
      await().until(() -> SipKit.isFree(even + 1 - taken));
    }
  }

  @Test
  void whereNoPairCanBeBoundForALegTheOthersGiveTheirsBack() throws Exception {
    int even = SipKit.freeBase(6);
    RtpMediaPorts ports = threePairs(even);
    MediaPortRequest two = request(MediaFormat.ULAW, "caller", "callee");
    try (DatagramSocket second = new DatagramSocket(even + 3, LOOPBACK);
        DatagramSocket third = new DatagramSocket(even + 5, LOOPBACK)) {
      SessionRefusedException refusal = refusal(ports, two);

      assertThat(second.isBound() && third.isBound()).isTrue();
      assertThat(refusal.reason()).isEqualTo(Reason.OVERLOADED);
      assertThat(refusal.retryAfter()).isPositive();
      assertThat(refusal).hasMessageContaining("no media port could be bound");
      await().until(() -> pairsLeft() == 3);
      assertThat(meters.get("linescribe.media.ports.open").gauge().value()).isZero();
      assertThat(meters.get("linescribe.rtp.sessions").gauge().value()).isZero();
      assertThat(ports.find(two.sessionId())).isEmpty();
      // A socket is closed when its loop looks at it next.
      await().until(() -> SipKit.isFree(even) && SipKit.isFree(even + 1));
      assertThat(open(ports, request(MediaFormat.ULAW)).ports().getFirst().port()).isEqualTo(even);
    }
    assertThat(ends).hasValue(0);
  }

  /** A port that could not be bound is not tried again at once. */
  @Test
  void aPairThatCouldNotBeBoundIsInQuarantine() throws Exception {
    int even = SipKit.freeBase(6);
    RtpMediaPorts ports =
        ports(Map.of("ports", even + "-" + (even + 5), "quarantine", Duration.ofMinutes(1)));
    try (DatagramSocket first = new DatagramSocket(even, LOOPBACK);
        DatagramSocket second = new DatagramSocket(even + 2, LOOPBACK);
        DatagramSocket third = new DatagramSocket(even + 4, LOOPBACK)) {
      assertThat(first.isBound() && second.isBound() && third.isBound()).isTrue();
      assertThat(refusal(ports, request(MediaFormat.ULAW)))
          .hasMessageContaining("all media ports are in use");
    }
    assertThat(pairsLeft()).isEqualTo(3);
    assertThat(refusal(ports, request(MediaFormat.ULAW)))
        .hasMessageContaining("all media ports are in use");
  }

  /** Hears nothing. */
  private static final class Nobody implements RtpSessionListener {
    @Override
    public void onAudio(short[] pcm, int samples) {}

    @Override
    public void onSilence(int samples) {}

    @Override
    public void onTelephoneEvent(TelephoneEvent event, long atSamples) {}

    @Override
    public void onTimeout() {}

    @Override
    public void onFailure(RuntimeException failure) {}
  }
}
