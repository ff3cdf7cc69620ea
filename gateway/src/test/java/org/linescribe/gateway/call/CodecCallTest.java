package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** Calls in codecs other than G.711 from baresip: spandsp's G.722 and libopus. */
@NeedsTool({Tool.BARESIP, Tool.OPENSSL})
class CodecCallTest {
  @TempDir Path work;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private SipGateway gateway;
  private SipKit kit;

  @BeforeEach
  void start() throws Exception {
    kit = new SipKit(work);
    gateway =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            PatientRtp.settings(),
            CallSettings.defaults(),
            sessions,
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    gateway.start();
  }

  @AfterEach
  void stop() {
    gateway.stop();
  }

  @ParameterizedTest
  @CsvSource({"g722/16000/1, g722", "opus/48000/2, opus"})
  void hearsWhatBaresipPlays(String codec, String name) throws Exception {
    String to = "sip:x@127.0.0.1:" + gateway.udpAddress().getPort();

    try (SipKit.Background baresip =
        BaresipCaller.call(kit, to, Map.of("CODECS", codec, "SRATE", "8000"))) {
      // It hangs up at the end of its recording.
      await()
          .alias("see " + baresip.output())
          .untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    }
    assertThat(sessions.only().request.attributes()).containsEntry("codec", name);
    Speech.assertPieceHeard(name, sessions.only().timeline(), 2000);
  }
}
