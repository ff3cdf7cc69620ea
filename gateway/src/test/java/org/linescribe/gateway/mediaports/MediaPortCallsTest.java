package org.linescribe.gateway.mediaports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.RealSessions;
import org.linescribe.gateway.leg.SourceCalls;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.session.mediaports.MediaFormat;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.OpenMediaPorts;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.HumanRecording;

/** A session by media ports as operators see it: a call. */
class MediaPortCallsTest {
  private static final HumanRecording RECORDING = HumanRecording.named("pin-jackson-1.wav");
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir Path data;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private RealSessions real;
  private SessionPipeline sessions;
  private RtpEngine engine;
  private RtpMediaPorts ports;
  private CallControl calls;

  @BeforeEach
  void start() throws Exception {
    real = RealSessions.unhurried(data, registry);
    sessions = real.sessions();
    RtpSettings rtp = SettingsDefaults.of(RtpSettings.class, UnicastRtp.PATIENT);
    engine = new RtpEngine(rtp, LOOPBACK, registry, Clock.systemUTC(), System::nanoTime);
    ports = new RtpMediaPorts(rtp, sessions, registry, Clock.systemUTC());
    ports.callLog(sessions.callLog());
    ports.start(engine, "", LOOPBACK);
    calls = new SourceCalls(ports::sources);
  }

  @AfterEach
  void stop() {
    ports.close(Duration.ofSeconds(60));
    engine.close();
    real.close();
  }

  private OpenMediaPorts open() throws Exception {
    return ports.open(
        new MediaPortRequest(
            sessions.newSessionId(),
            Optional.of("pbx"),
            MediaFormat.ULAW,
            OptionalInt.empty(),
            List.of("caller", "callee"),
            Optional.empty(),
            RecognitionRequest.DEFAULT,
            LOOPBACK),
        () -> {});
  }

  private static UnicastRtp sender(OpenMediaPorts opened) throws Exception {
    OpenMediaPorts.Port port = opened.ports().getFirst();
    return new UnicastRtp(
        "127.0.0.1", port.host(), port.port(), MediaFormat.ULAW, 0, RECORDING.pcm());
  }

  private void awaitActive(SessionId id) {
    await().until(() -> calls.find(id).filter(c -> c.state().equals("active")).isPresent());
  }

  private SessionRecord ended(SessionId id) {
    await().until(() -> sessions.find(id).flatMap(SessionRecord::endedAt).isPresent());
    return sessions.find(id).orElseThrow();
  }

  @Test
  void showsItWithItsQualityMarksItAndHangsItUp() throws Exception {
    OpenMediaPorts opened = open();
    SessionId id = opened.request().sessionId();
    assertThat(calls.open()).as("no audio has come").isEmpty();
    assertThat(calls.hangUp(id)).isFalse();
    try (UnicastRtp sender = sender(opened)) {
      UnicastRtp.play(sender);
    }
    awaitActive(id);

    OpenCall call = calls.find(id).orElseThrow();
    assertThat(call.kind()).isEqualTo("rtp");
    assertThat(call.transport()).isEqualTo("udp");
    assertThat(call.legs()).extracting(leg -> leg.leg()).containsExactly("caller", "callee");
    assertThat(call.legs().getFirst().codec()).isEqualTo("pcmu");
    assertThat(call.legs().getFirst().receivedPackets()).isGreaterThan(50);
    assertThat(call.legs().getFirst().mos()).isGreaterThan(3);
    assertThat(calls.mark(id, new CallMark(10, "complaint"))).isTrue();
    assertThat(calls.hangUp(id)).isTrue();

    assertThat(ended(id).endReason()).hasValue("hangup");
    assertThat(ended(id).attributes()).containsEntry("mark.10", "complaint");
    await().until(() -> calls.open().isEmpty() && ports.find(id).isEmpty());
    await().until(() -> sessions.callLog().newest(id).isPresent());
    CallRecord record = sessions.callLog().newest(id).orElseThrow();
    assertThat(record.outcome()).isEqualTo("hangup");
    assertThat(record.kind()).isEqualTo("rtp");
    assertThat(record.legs().getFirst().receivedPackets()).isGreaterThan(50);
  }

  @Test
  void leavesPausedAudioOutButNotItsTime() throws Exception {
    OpenMediaPorts opened = open();
    SessionId id = opened.request().sessionId();
    try (UnicastRtp sender = sender(opened)) {
      // The recording begins with silence.
      sender.send(0);
      sender.send(1);
      awaitActive(id);
      calls.pause(id, true);
      await().until(() -> calls.find(id).orElseThrow().paused());
      UnicastRtp.play(sender);
      calls.pause(id, false);
      await().until(() -> !calls.find(id).orElseThrow().paused());
      UnicastRtp.play(sender);
    }
    ports.close(id);

    ended(id);
    String text =
        sessions.segments(id, 1, 100).stream().map(Segment::text).collect(Collectors.joining(" "));
    assertThat(RECORDING.errors(text)).as(text).isLessThanOrEqualTo(1);
    assertThat(sessions.segments(id, 1, 100).getFirst().startMs())
        .isGreaterThan(RECORDING.pcm().length / 8 - 200);
  }
}
