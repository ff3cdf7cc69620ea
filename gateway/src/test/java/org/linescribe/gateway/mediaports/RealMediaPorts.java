package org.linescribe.gateway.mediaports;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.RealSessions;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.Sessions;
import org.linescribe.session.mediaports.MediaFormat;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.OpenMediaPorts;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.HumanRecording;

/** Media ports on the real pipeline, and what sends to them. */
abstract class RealMediaPorts {
  static final HumanRecording ONE = HumanRecording.named("pin-jackson-1.wav");
  static final HumanRecording OTHER =
      HumanRecording.all().stream()
          .filter(r -> !r.name().contains("jackson"))
          .findFirst()
          .orElseThrow();

  static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir static Path data;
  static RealSessions real;
  static Sessions sessions;

  final List<AutoCloseable> open = new ArrayList<>();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final AtomicInteger ends = new AtomicInteger();

  /** What the engine's clock is ahead of the machine's. */
  final AtomicReference<Duration> skippedTime = new AtomicReference<>(Duration.ZERO);

  RtpEngine engine;

  @BeforeAll
  static void start() throws IOException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    real = RealSessions.unhurried(data, registry);
    sessions = real.sessions();
  }

  @AfterAll
  static void stop() {
    real.close();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  RtpMediaPorts ports(Map<String, Object> changed) {
    return ports(changed, sessions);
  }

  RtpMediaPorts ports(Map<String, Object> changed, Sessions of) {
    Map<String, Object> settings = new HashMap<>(UnicastRtp.PATIENT);
    settings.putAll(changed);
    RtpSettings rtp = SettingsDefaults.of(RtpSettings.class, settings);
    engine =
        new RtpEngine(
            rtp,
            LOOPBACK,
            meters,
            Clock.systemUTC(),
            () -> System.nanoTime() + skippedTime.get().toNanos());
    open.add(engine);
    RtpMediaPorts made = new RtpMediaPorts(rtp, of, meters, Clock.systemUTC());
    made.start(engine, "", LOOPBACK);
    open.add(() -> made.close(Duration.ofSeconds(60)));
    return made;
  }

  RtpMediaPorts ports() {
    return ports(Map.of());
  }

  static MediaPortRequest request(MediaFormat format, String... legs) {
    return new MediaPortRequest(
        sessions.newSessionId(),
        Optional.of("pbx"),
        format,
        OptionalInt.empty(),
        legs.length == 0 ? List.of("caller") : List.of(legs),
        Optional.empty(),
        RecognitionRequest.DEFAULT,
        LOOPBACK);
  }

  static MediaPortRequest of(MediaPortRequest like, String owner, String from) {
    return new MediaPortRequest(
        like.sessionId(),
        Optional.of(owner),
        like.format(),
        like.payloadType(),
        like.legs(),
        Optional.ofNullable(from).map(InetAddress::ofLiteral),
        like.recognition(),
        like.reached());
  }

  OpenMediaPorts open(RtpMediaPorts ports, MediaPortRequest request)
      throws SessionRefusedException {
    return ports.open(request, ends::incrementAndGet);
  }

  UnicastRtp sender(String from, OpenMediaPorts opened, int leg, HumanRecording recording)
      throws IOException {
    return sender(from, opened, leg, recording, 1);
  }

  UnicastRtp sender(
      String from, OpenMediaPorts opened, int leg, HumanRecording recording, int frames)
      throws IOException {
    MediaFormat format = opened.request().format();
    OpenMediaPorts.Port port = opened.ports().get(leg);
    UnicastRtp sender =
        new UnicastRtp(
            from,
            port.host(),
            port.port(),
            format,
            opened.request().payloadTypes().getFirst(),
            recording.pcm(),
            frames);
    open.add(sender);
    return sender;
  }

  static SessionRecord ended(SessionId id) {
    await().until(() -> sessions.find(id).flatMap(SessionRecord::endedAt).isPresent());
    return sessions.find(id).orElseThrow();
  }

  static String text(SessionId id, String leg) {
    return sessions.segments(id, 1, 100).stream()
        .filter(segment -> segment.leg().equals(leg))
        .map(Segment::text)
        .collect(Collectors.joining(" "));
  }

  double foreign() {
    return meters.counter("linescribe.rtp.defects", "kind", "foreign_source").count();
  }
}
