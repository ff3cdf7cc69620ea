package org.linescribe.gateway.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.RealSessions;
import org.linescribe.gateway.leg.SourceCalls;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallLog;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.ProjectFiles;

/** Channels whose sessions open late: what is heard of a pause, and of a stop. */
class SlowSessionAudioSocketTest {
  private static final HumanRecording RECORDING = HumanRecording.named("pin-jackson-1.wav");
  private static final HumanRecording SHORT =
      new HumanRecording(ProjectFiles.recorded("pin-slt.wav"), "FOUR SEVEN ONE NINE");
  private static final byte[] SLIN = Asterisk.slin(RECORDING.pcm(), 8000);

  @TempDir static Path data;
  private static RealSessions real;
  private static Sessions sessions;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final UUID uuid = UUID.randomUUID();
  private final SessionId id = new SessionId(uuid.toString());
  private final CountDownLatch disk = new CountDownLatch(1);
  private AudioSocketServer server;

  @BeforeAll
  static void load() throws IOException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    real = RealSessions.unhurried(data, registry);
    sessions = real.sessions();
  }

  @AfterAll
  static void unload() {
    real.close();
  }

  /** Sessions that open when the test lets the disk answer. */
  @BeforeEach
  void start() throws IOException {
    Sessions slow =
        (Sessions)
            Proxy.newProxyInstance(
                Sessions.class.getClassLoader(),
                new Class<?>[] {Sessions.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("open")) {
                    disk.await();
                  }
                  return method.invoke(sessions, arguments);
                });
    server =
        new AudioSocketServer(
            SettingsDefaults.of(AudioSocketSettings.class, Map.of("bind", "127.0.0.1:0")),
            slow,
            registry,
            Clock.systemUTC(),
            CallLog.NONE);
    server.start();
  }

  @AfterEach
  void stop() {
    disk.countDown();
    server.close();
  }

  private void pause(boolean on) {
    assertThat(new SourceCalls(server::sources).pause(id, on)).isTrue();
    await().until(() -> new SourceCalls(server::sources).find(id).orElseThrow().paused() == on);
  }

  private void awaitState(String state) {
    await()
        .until(
            () ->
                new SourceCalls(server::sources)
                    .find(id)
                    .filter(c -> c.state().equals(state))
                    .isPresent());
  }

  /** A digit that came shows that what was before it did. */
  private void awaitRead(Asterisk asterisk) throws IOException {
    double before = registry.counter("linescribe.audiosocket.digits").count();
    asterisk.frame(Asterisk.DTMF, new byte[] {'5'});
    await().until(() -> registry.counter("linescribe.audiosocket.digits").count() > before);
  }

  private void speak(Asterisk asterisk) throws IOException {
    asterisk.audio(Asterisk.AUDIO_8_KHZ, 8000, SLIN);
  }

  private void hangUp(Asterisk asterisk) throws IOException {
    asterisk.frame(Asterisk.HANGUP, new byte[0]);
    assertThat(asterisk.next()).isEqualTo(-1);
    await().until(() -> sessions.find(id).flatMap(SessionRecord::endedAt).isPresent());
    assertThat(sessions.find(id).orElseThrow().endReason()).hasValue("hangup");
  }

  private List<Segment> segments() {
    return sessions.segments(id, 1, 100);
  }

  private String text() {
    return segments().stream().map(Segment::text).collect(Collectors.joining(" "));
  }

  @Test
  void aChannelThatIsPausedIsLeftOutButNotItsTime() throws IOException {
    disk.countDown();
    try (Asterisk asterisk = new Asterisk(server.port())) {
      asterisk.uuid(uuid);
      asterisk.audio(Asterisk.AUDIO_8_KHZ, 8000, new byte[320]);
      awaitState("active");
      pause(true);
      speak(asterisk);
      awaitRead(asterisk);
      pause(false);
      speak(asterisk);
      hangUp(asterisk);
    }
    assertThat(RECORDING.errors(text())).isLessThanOrEqualTo(1);
    assertThat(segments().getFirst().startMs()).isGreaterThan(RECORDING.pcm().length / 8 - 200);
  }

  /** The connection is not read while its session opens, or is behind; in a pause it is. */
  @Test
  void whatWouldWaitInTheConnectionAtAPausesEndIsLeftOutAsWell() throws IOException {
    try (Asterisk asterisk = new Asterisk(server.port())) {
      asterisk.uuid(uuid);
      asterisk.audio(Asterisk.AUDIO_8_KHZ, 8000, new byte[320]);
      awaitState("opening");
      pause(true);
      speak(asterisk);
      awaitRead(asterisk);
      pause(false);
      speak(asterisk);
      disk.countDown();
      hangUp(asterisk);
    }
    assertThat(RECORDING.errors(text())).isLessThanOrEqualTo(1);
    assertThat(segments().getFirst().startMs()).isGreaterThan(RECORDING.pcm().length / 8 - 200);
  }

  /** What was said before the pause, and waits for the session, is heard. */
  @Test
  void whatWasReadBeforeThePauseIsHeard() throws IOException {
    try (Asterisk asterisk = new Asterisk(server.port())) {
      asterisk.uuid(uuid);
      // In one frame, which is read as a whole.
      asterisk.frame(Asterisk.AUDIO_8_KHZ, Asterisk.slin(SHORT.pcm(), 8000));
      awaitState("opening");
      pause(true);
      speak(asterisk);
      awaitRead(asterisk);
      disk.countDown();
      awaitState("active");
      pause(false);
      hangUp(asterisk);
    }
    assertThat(SHORT.errors(text())).as(text()).isLessThanOrEqualTo(1);
  }

  /** The stop waits for it, and nobody else would end it. */
  @Test
  void aSessionThatOpensBehindTheStopEnds() throws Exception {
    Thread stopping;
    try (Asterisk asterisk = new Asterisk(server.port())) {
      asterisk.uuid(uuid);
      asterisk.audio(Asterisk.AUDIO_8_KHZ, 8000, new byte[320]);
      awaitState("opening");
      stopping = Thread.ofVirtual().start(server::close);
      assertThat(asterisk.next()).isEqualTo(-1);
      await()
          .until(
              () ->
                  Thread.getAllStackTraces().keySet().stream()
                      .noneMatch(thread -> thread.getName().startsWith("audiosocket")));
    }
    disk.countDown();
    stopping.join();
    await().until(() -> sessions.find(id).flatMap(SessionRecord::endedAt).isPresent());
    assertThat(sessions.find(id).orElseThrow().endReason()).hasValue("draining");
  }
}
