package org.linescribe.gateway.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.gateway.RealSessions;
import org.linescribe.gateway.leg.SourceCalls;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallControl.RecordingOrder;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.HumanRecording;

/**
 * Asterisk's AudioSocket on the real pipeline. There is no public client for it: the frames are
 * those of res_audiosocket.
 */
class AudioSocketTest {
  private static final HumanRecording RECORDING = HumanRecording.named("pin-jackson-1.wav");

  @TempDir static Path data;
  private static RealSessions real;
  private static Sessions sessions;
  private static AudioSocketServer server;
  private static final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @BeforeAll
  static void start() throws IOException {
    real = RealSessions.unhurried(data, registry);
    sessions = real.sessions();
    server = server("127.0.0.1:0", registry);
    server.start();
  }

  @AfterAll
  static void stop() {
    server.close();
    real.close();
  }

  private static AudioSocketServer server(String bind, SimpleMeterRegistry registry) {
    return new AudioSocketServer(
        SettingsDefaults.of(AudioSocketSettings.class, Map.of("bind", bind)),
        sessions,
        registry,
        Clock.systemUTC(),
        real.sessions().callLog());
  }

  private static SessionRecord ended(UUID id) {
    SessionId session = new SessionId(id.toString());
    await().until(() -> sessions.find(session).flatMap(SessionRecord::endedAt).isPresent());
    return sessions.find(session).orElseThrow();
  }

  private static String text(UUID id) {
    return sessions.segments(new SessionId(id.toString()), 1, 100).stream()
        .map(Segment::text)
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "0x10, 8000",
    "0x11, 12000",
    "0x12, 16000",
    "0x13, 24000",
    "0x14, 32000",
    "0x15, 44100",
    "0x16, 48000",
    "0x17, 96000",
    "0x18, 192000"
  })
  void transcribesAChannelAtEveryRate(String kind, int rateHz) throws IOException {
    UUID id = UUID.randomUUID();
    try (Asterisk asterisk = new Asterisk(server.port())) {
      asterisk.uuid(id);
      asterisk.audio(Integer.decode(kind), rateHz, Asterisk.slin(RECORDING.pcm(), rateHz));
      asterisk.frame(0x03, new byte[] {'5'});
      asterisk.frame(0x00, new byte[0]);
      assertThat(asterisk.next()).isEqualTo(-1);
    }
    SessionRecord session = ended(id);
    assertThat(session.kind()).isEqualTo("audiosocket");
    assertThat(session.endReason()).hasValue("hangup");
    assertThat(session.attributes()).containsEntry("call_id", id.toString());
    assertThat(RECORDING.errors(text(id))).isLessThanOrEqualTo(1);
  }

  @Test
  void aConnectionThatBreaksAndComesAgainGoesOnAtTheNextNumber() throws IOException {
    UUID id = UUID.randomUUID();
    for (int attempt = 1; attempt <= 2; attempt++) {
      try (Asterisk asterisk = new Asterisk(server.port())) {
        asterisk.uuid(id);
        asterisk.audio(0x10, 8000, Asterisk.slin(RECORDING.pcm(), 8000));
      }
      int words = attempt * RECORDING.words().split(" ").length;
      await().until(() -> text(id).split(" ").length == words);
      assertThat(ended(id).endReason()).hasValue("disconnect");
    }
    SessionId session = new SessionId(id.toString());
    assertThat(sessions.segments(session, 1, 100).getLast().seq())
        .isEqualTo(sessions.segments(session, 1, 100).size());
  }

  @Test
  void theNewestConnectionOfAUuidWinsAndTheOlderIsHungUp() throws IOException {
    UUID id = UUID.randomUUID();
    try (Asterisk older = new Asterisk(server.port());
        Asterisk newer = new Asterisk(server.port())) {
      older.uuid(id);
      older.audio(0x10, 8000, new byte[320]);
      await().until(() -> sessions.isLive(new SessionId(id.toString())));
      newer.uuid(id);
      newer.audio(0x10, 8000, new byte[320]);
      assertThat(older.next()).as("the frame hangup").isZero();
    }
  }

  @Test
  void whatTheProtocolDoesNotHaveIsHungUp() throws IOException {
    UUID id = UUID.randomUUID();
    try (Asterisk asterisk = new Asterisk(server.port())) {
      asterisk.frame(0x10, new byte[320]);
      assertThat(asterisk.next()).as("audio before the UUID").isZero();
    }
    try (Asterisk asterisk = new Asterisk(server.port())) {
      asterisk.uuid(id);
      asterisk.frame(0x42, new byte[1]);
      assertThat(asterisk.next()).as("an unknown kind").isZero();
    }
    try (Asterisk asterisk = new Asterisk(server.port())) {
      asterisk.uuid(id);
      asterisk.frame(0x10, new byte[320]);
      asterisk.frame(0x12, new byte[640]);
      assertThat(asterisk.next()).as("another rate").isZero();
    }
  }

  @Test
  void aSessionThatIsRefusedIsHungUp() throws IOException, SessionRefusedException {
    UUID id = UUID.randomUUID();
    SessionSource other =
        sessions.open(
            new SourceRequest(
                new SessionId(id.toString()),
                "another",
                Optional.of("somebody else"),
                List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
                RecognitionRequest.DEFAULT,
                Map.of()),
            new SourceListener() {
              @Override
              public void onEvent(TranscriptEvent event) {}

              @Override
              public void onWritable() {}

              @Override
              public void onClosed(SourceClosed reason) {}
            });
    try (Asterisk asterisk = new Asterisk(server.port())) {
      asterisk.uuid(id);
      asterisk.audio(0x10, 8000, new byte[320]);
      assertThat(asterisk.next()).as("the frame hangup").isZero();
    }
    other.end("done").toCompletableFuture().join();
  }

  private static OpenCall call(UUID id) {
    return new SourceCalls(server::sources).find(new SessionId(id.toString())).orElseThrow();
  }

  @Test
  void operatorsSeeAChannelAsACallMarkItAndHangItUp() throws IOException {
    UUID id = UUID.randomUUID();
    SessionId session = new SessionId(id.toString());
    CallControl calls = new SourceCalls(server::sources);
    try (Asterisk asterisk = new Asterisk(server.port())) {
      assertThat(calls.find(session)).isEmpty();
      asterisk.uuid(id);
      asterisk.audio(0x12, 16_000, new byte[640]);
      await().until(() -> calls.find(session).filter(c -> c.state().equals("active")).isPresent());

      assertThat(calls.open()).extracting(OpenCall::sessionId).contains(session);
      assertThat(call(id).kind()).isEqualTo("audiosocket");
      assertThat(call(id).callId()).isEqualTo(id.toString());
      assertThat(call(id).from()).startsWith("127.0.0.1:");
      assertThat(call(id).transport()).isEqualTo("tcp");
      assertThat(call(id).answeredAt()).isPresent();
      assertThat(call(id).legs()).extracting(LegQuality::codec).containsExactly("pcm16");
      assertThat(calls.record(session, RecordingOrder.START)).isFalse();
      assertThat(calls.mark(session, new CallMark(10, "complaint"))).isTrue();

      assertThat(calls.hangUp(session)).isTrue();
      assertThat(asterisk.next()).as("the frame hangup").isZero();
    }
    SessionRecord record = ended(id);
    assertThat(record.endReason()).hasValue("hangup");
    assertThat(record.attributes()).containsEntry("mark.10", "complaint");
    await().until(() -> calls.find(session).isEmpty());
    assertThat(calls.hangUp(session)).isFalse();
    CallLog log = real.sessions().callLog();
    await().until(() -> log.newest(session).isPresent());
    assertThat(log.newest(session).orElseThrow().outcome()).isEqualTo("hangup");
    assertThat(log.newest(session).orElseThrow().kind()).isEqualTo("audiosocket");
  }

  @Test
  void closesTwiceWithoutAComplaint() throws IOException {
    AudioSocketServer other = server("127.0.0.1:0", new SimpleMeterRegistry());
    other.start();
    assertThat(other.port()).isPositive();
    other.close();
    other.close();
    assertThat(other.port()).isZero();
  }

  @Test
  void anAddressThatIsNoneIsNamedWithItsKey() {
    for (String bind : new String[] {"nonsense", "127.0.0.1:99999", "::1:9093", ":9093"}) {
      assertThatThrownBy(() -> server(bind, new SimpleMeterRegistry()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("linescribe.audiosocket.bind")
          .hasMessageContaining(bind);
    }
  }

  @Test
  void anAddressOfAnotherMachineIsNamedWithItsKey() {
    String bind = "203.0.113.1:1";
    try (AudioSocketServer wrong = server(bind, new SimpleMeterRegistry())) {
      assertThatThrownBy(wrong::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("linescribe.audiosocket.bind")
          .hasMessageContaining(bind);
    }
  }
}
