package org.linescribe.gateway.mediaports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.RealSessions;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionRefusedException.Reason;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.mediaports.MediaFormat;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.OpenMediaPorts;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.HumanRecording;

/** Media ports on the real pipeline, with packets as Asterisk's UnicastRTP sends them. */
class RtpMediaPortsTest {
  private static final HumanRecording ONE = HumanRecording.named("pin-jackson-1.wav");
  private static final HumanRecording OTHER =
      HumanRecording.all().stream()
          .filter(r -> !r.name().contains("jackson"))
          .findFirst()
          .orElseThrow();

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir static Path data;
  private static RealSessions real;
  private static Sessions sessions;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicInteger ends = new AtomicInteger();

  /** What the engine's clock is ahead of the machine's. */
  private final AtomicReference<Duration> skippedTime = new AtomicReference<>(Duration.ZERO);

  private RtpEngine engine;

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

  private RtpMediaPorts ports(Map<String, Object> changed) {
    return ports(changed, sessions);
  }

  private RtpMediaPorts ports(Map<String, Object> changed, Sessions of) {
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

  private RtpMediaPorts ports() {
    return ports(Map.of());
  }

  private static MediaPortRequest request(MediaFormat format, String... legs) {
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

  private static MediaPortRequest of(MediaPortRequest like, String owner, String from) {
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

  private OpenMediaPorts open(RtpMediaPorts ports, MediaPortRequest request)
      throws SessionRefusedException {
    return ports.open(request, ends::incrementAndGet);
  }

  private UnicastRtp sender(String from, OpenMediaPorts opened, int leg, HumanRecording recording)
      throws IOException {
    return sender(from, opened, leg, recording, 1);
  }

  private UnicastRtp sender(
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

  private static SessionRecord ended(SessionId id) {
    await().until(() -> sessions.find(id).flatMap(SessionRecord::endedAt).isPresent());
    return sessions.find(id).orElseThrow();
  }

  private static String text(SessionId id, String leg) {
    return sessions.segments(id, 1, 100).stream()
        .filter(segment -> segment.leg().equals(leg))
        .map(Segment::text)
        .collect(Collectors.joining(" "));
  }

  private double foreign() {
    return meters.counter("linescribe.rtp.defects", "kind", "foreign_source").count();
  }

  @Test
  void transcribesWhatAsteriskSendsInEachFormat() throws Exception {
    RtpMediaPorts ports = ports();
    List<MediaFormat> formats = List.of(MediaFormat.values());
    List<OpenMediaPorts> opened = new ArrayList<>();
    List<UnicastRtp> senders = new ArrayList<>();
    for (MediaFormat format : formats) {
      opened.add(open(ports, request(format)));
      senders.add(sender("127.0.0.1", opened.getLast(), 0, ONE));
    }

    UnicastRtp.play(senders.toArray(UnicastRtp[]::new));

    for (OpenMediaPorts one : opened) {
      SessionId id = one.request().sessionId();
      OpenMediaPorts now = ports.find(id).orElseThrow();
      assertThat(now.receiving()).isTrue();
      assertThat(now.ports().getFirst().receivedPackets()).isGreaterThan(50);
      assertThat(ports.close(id)).isTrue();
      SessionRecord session = ended(id);
      assertThat(session.kind()).isEqualTo("rtp");
      assertThat(session.owner()).hasValue("pbx");
      assertThat(session.endReason()).hasValue("closed");
      assertThat(ONE.errors(text(id, "caller")))
          .as("%s: %s", one.request().format(), text(id, "caller"))
          .isLessThanOrEqualTo(1);
      assertThat(ports.find(id)).isEmpty();
    }
    assertThat(ends).hasValue(formats.size());
    assertThat(meters.get("linescribe.media.ports.open").gauge().value()).isZero();
  }

  @Test
  void theTwoDirectionsOfAChannelAreLegsOfOneSession() throws Exception {
    RtpMediaPorts ports = ports();
    OpenMediaPorts opened = open(ports, request(MediaFormat.SLIN16, "caller", "callee"));
    SessionId id = opened.request().sessionId();
    assertThat(opened.receiving()).isFalse();
    assertThat(sessions.isKnown(id)).as("begins with the first packet").isFalse();

    UnicastRtp.play(sender("127.0.0.1", opened, 0, ONE), sender("127.0.0.1", opened, 1, OTHER));
    ports.close(id);

    assertThat(ended(id).legs()).containsExactly("caller", "callee");
    assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
    assertThat(OTHER.errors(text(id, "callee"))).isLessThanOrEqualTo(1);
    assertThat(sessions.segments(id, 1, 100).getLast().seq())
        .isEqualTo(sessions.segments(id, 1, 100).size());
  }

  @Test
  void onlyTheFirstSourceIsHeardAndAnotherIsCounted() throws Exception {
    RtpMediaPorts ports = ports();
    OpenMediaPorts opened = open(ports, request(MediaFormat.ULAW));
    UnicastRtp first = sender("127.0.0.1", opened, 0, ONE);
    first.send(0);
    first.send(1);
    await().until(() -> ports.find(opened.request().sessionId()).orElseThrow().receiving());
    double before = foreign();

    UnicastRtp.play(first, sender("127.0.0.3", opened, 0, OTHER));
    ports.close(opened.request().sessionId());

    ended(opened.request().sessionId());
    assertThat(ONE.errors(text(opened.request().sessionId(), "caller"))).isLessThanOrEqualTo(1);
    assertThat(foreign() - before).isGreaterThan(50);
  }

  @Test
  void onlyTheHostThatWasNamedIsHeard() throws Exception {
    RtpMediaPorts ports = ports(Map.of("source", RtpSettings.Source.ADDRESS));
    MediaPortRequest anybody = request(MediaFormat.ALAW);
    assertThatThrownBy(() -> open(ports, anybody))
        .as("the settings latch to nobody")
        .isInstanceOf(SessionRefusedException.class)
        .hasMessageContaining("from");
    OpenMediaPorts opened = open(ports, of(anybody, "pbx", "127.0.0.2"));
    SessionId id = opened.request().sessionId();

    UnicastRtp stranger = sender("127.0.0.1", opened, 0, OTHER);
    for (int n = 0; n < 10; n++) {
      stranger.send(n);
    }
    await().until(() -> foreign() >= 10);
    assertThat(ports.find(id).orElseThrow().receiving()).isFalse();

    UnicastRtp.play(sender("127.0.0.2", opened, 0, ONE), stranger);
    ports.close(id);

    ended(id);
    assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {97, 101, 0})
  void aPayloadTypeThatIsNoneOfAsterisksIsTheOneThatWasTold(int payloadType) throws Exception {
    RtpMediaPorts ports = ports();
    MediaPortRequest like = request(MediaFormat.SLIN16);
    MediaPortRequest other =
        new MediaPortRequest(
            like.sessionId(),
            like.owner(),
            like.format(),
            OptionalInt.of(payloadType),
            like.legs(),
            Optional.empty(),
            like.recognition(),
            LOOPBACK);
    OpenMediaPorts opened = open(ports, other);
    UnicastRtp.play(sender("127.0.0.1", opened, 0, ONE));
    ports.close(like.sessionId());
    ended(like.sessionId());
    assertThat(ONE.errors(text(like.sessionId(), "caller"))).isLessThanOrEqualTo(1);
  }

  @Test
  void packetsOf60And200MsOfLinearPcmAreHeard() throws Exception {
    RtpMediaPorts ports = ports();
    OpenMediaPorts three = open(ports, request(MediaFormat.SLIN16));
    OpenMediaPorts ten = open(ports, request(MediaFormat.SLIN16));

    UnicastRtp.play(sender("127.0.0.1", three, 0, ONE, 3), sender("127.0.0.1", ten, 0, ONE, 10));

    for (OpenMediaPorts one : List.of(three, ten)) {
      SessionId id = one.request().sessionId();
      ports.close(id);
      ended(id);
      assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void portsToWhichNothingComesThatCanBeDecodedAreClosed() throws Exception {
    RtpMediaPorts ports = ports(Map.of("timeout", Duration.ofSeconds(1)));
    OpenMediaPorts opened = open(ports, request(MediaFormat.SLIN16));
    UnicastRtp tooLong = sender("127.0.0.1", opened, 0, ONE, 11);

    await()
        .until(
            () -> {
              tooLong.send(0);
              return ports.find(opened.request().sessionId()).isEmpty();
            });

    assertThat(ends).hasValue(1);
    assertThat(sessions.isKnown(opened.request().sessionId())).isFalse();
    assertThat(meters.counter("linescribe.media.ports.unused").count()).isEqualTo(1);
  }

  /** Sessions let the newest source win, which must be that of the newest ports. */
  @Test
  void olderPortsWhoseSessionIsOnlyOpeningDoNotEndTheNewerOnes() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch disk = new CountDownLatch(1);
    AtomicInteger opened = new AtomicInteger();
    Sessions slow =
        (Sessions)
            Proxy.newProxyInstance(
                Sessions.class.getClassLoader(),
                new Class<?>[] {Sessions.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("open") && opened.getAndIncrement() == 0) {
                    opening.countDown();
                    disk.await();
                  }
                  return method.invoke(sessions, arguments);
                });
    RtpMediaPorts ports = ports(Map.of(), slow);
    MediaPortRequest request = request(MediaFormat.ULAW);
    UnicastRtp older = sender("127.0.0.1", open(ports, request), 0, OTHER);
    for (int n = 0; n < 5; n++) {
      older.send(n);
    }
    opening.await();
    OpenMediaPorts newer = open(ports, request);
    UnicastRtp sender = sender("127.0.0.1", newer, 0, ONE);
    sender.send(0);
    sender.send(1);
    await().until(() -> ports.find(request.sessionId()).orElseThrow().receiving());

    disk.countDown();
    await().until(() -> ends.get() == 1 && opened.get() == 2);
    UnicastRtp.play(sender);
    assertThat(ports.close(request.sessionId())).as("still open").isTrue();

    assertThat(ended(request.sessionId()).endReason()).hasValue("closed");
    assertThat(ONE.errors(text(request.sessionId(), "caller"))).isLessThanOrEqualTo(1);
  }

  @Test
  void portsToWhichNothingComesAreClosedAndASessionThatFallsSilentEnds() throws Exception {
    Duration timeout = Duration.ofMinutes(10);
    RtpMediaPorts ports = ports(Map.of("timeout", timeout));
    OpenMediaPorts unused = open(ports, request(MediaFormat.ULAW));
    OpenMediaPorts used = open(ports, request(MediaFormat.ULAW, "caller", "callee"));
    SessionId id = used.request().sessionId();

    UnicastRtp sender = sender("127.0.0.1", used, 0, ONE);
    UnicastRtp.play(sender);
    // All but the first, which alone proves no source.
    await()
        .until(
            () ->
                ports.find(id).orElseThrow().ports().getFirst().receivedPackets()
                    == sender.packets() - 1);
    skippedTime.set(timeout.plusSeconds(1));

    assertThat(ended(id).endReason()).hasValue("rtp-timeout");
    assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
    await().until(() -> ends.get() == 2);
    assertThat(ports.find(unused.request().sessionId())).isEmpty();
    assertThat(sessions.isKnown(unused.request().sessionId())).isFalse();
    assertThat(meters.counter("linescribe.media.ports.unused").count()).isEqualTo(1);
  }

  private SessionRefusedException refusal(RtpMediaPorts ports, MediaPortRequest request) {
    return catchThrowableOfType(SessionRefusedException.class, () -> open(ports, request));
  }

  @Test
  void theNewestPortsOfAnOwnerWinAndAnothersAreRefused() throws Exception {
    RtpMediaPorts ports = ports();
    MediaPortRequest request = request(MediaFormat.ULAW);
    OpenMediaPorts older = open(ports, request);
    assertThat(refusal(ports, of(request, "another", null)).reason()).isEqualTo(Reason.CONFLICT);
    assertThat(ports.find(request.sessionId())).contains(older);

    OpenMediaPorts newer = open(ports, request);
    await().until(() -> ends.get() == 1);
    assertThat(newer.ports().getFirst().port()).isNotEqualTo(older.ports().getFirst().port());
    assertThat(ports.find(request.sessionId())).contains(newer);
  }

  @Test
  void aSessionThatAnotherSourceHasOrHadIsRefused() throws Exception {
    RtpMediaPorts ports = ports();
    MediaPortRequest request = request(MediaFormat.ULAW);
    var source =
        sessions.open(
            new SourceRequest(
                request.sessionId(),
                "websocket",
                Optional.of("pbx"),
                List.of(new SourceRequest.Leg("caller", 8000)),
                RecognitionRequest.DEFAULT,
                Map.of()),
            new SourceListener() {
              @Override
              public void onEvent(TranscriptEvent event) {}

              @Override
              public void onClosed(SourceClosed reason) {}
            });
    assertThat(refusal(ports, request).reason()).as("open").isEqualTo(Reason.CONFLICT);
    source.end("done").toCompletableFuture().join();
    ended(request.sessionId());
    assertThat(refusal(ports, of(request, "another", null)).reason())
        .as("another's")
        .isEqualTo(Reason.CONFLICT);
    await().until(() -> !sessions.isLive(request.sessionId()));
    assertThat(open(ports, request).receiving()).as("goes on").isFalse();
  }

  @Test
  void whatIsNotServedIsRefusedAtOnce() {
    RtpMediaPorts ports = ports();
    MediaPortRequest like = request(MediaFormat.ULAW);
    MediaPortRequest unknown =
        new MediaPortRequest(
            like.sessionId(),
            like.owner(),
            like.format(),
            like.payloadType(),
            like.legs(),
            like.from(),
            RecognitionRequest.DEFAULT.withModel(Optional.of("no-such-model")),
            LOOPBACK);
    assertThat(refusal(ports, unknown).reason()).isEqualTo(Reason.UNSUPPORTED);
    RtpMediaPorts idle =
        new RtpMediaPorts(
            RtpSettings.on("0"), sessions, new SimpleMeterRegistry(), Clock.systemUTC());
    assertThat(refusal(idle, like).reason()).as("no line").isEqualTo(Reason.DRAINING);
  }

  @Test
  void atTheStopOpenSessionsEndAndNoPortOpens() throws Exception {
    RtpMediaPorts ports = ports();
    OpenMediaPorts used = open(ports, request(MediaFormat.ULAW));
    open(ports, request(MediaFormat.ULAW));
    UnicastRtp.play(sender("127.0.0.1", used, 0, ONE));

    ports.close(Duration.ofSeconds(60));

    SessionId id = used.request().sessionId();
    assertThat(ended(id).endReason()).hasValue("draining");
    assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
    assertThat(ends).hasValue(2);
    assertThat(refusal(ports, request(MediaFormat.ULAW)).reason()).isEqualTo(Reason.DRAINING);
  }
}
