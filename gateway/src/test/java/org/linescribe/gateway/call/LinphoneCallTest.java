package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** Calls from Linphone (liblinphone, belle-sip, oRTP), as people have it on their desks. */
@NeedsTool({Tool.LINPHONE, Tool.OPENSSL})
class LinphoneCallTest {
  private static final int PLAYED_MS = 4000;

  /** Its encoder does not keep the wave's form as G.711 and G.722 do. */
  private static final double LEAST_OF_OPUS = 0.9;

  @TempDir Path work;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private SipGateway gateway;

  @BeforeEach
  void start() throws Exception {
    gateway = TlsGateway.start(new SipKit(work), sessions, new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() {
    gateway.stop();
  }

  private String address(String transport) {
    int port =
        transport.equals("tls")
            ? gateway.address("tls").orElseThrow().getPort()
            : gateway.udpAddress().getPort();
    return "sip:x@127.0.0.1:" + port + (transport.equals("udp") ? "" : ";transport=" + transport);
  }

  private static void play(LinphoneCaller linphone) throws Exception {
    linphone.say("play " + ProjectFiles.sipKit().resolve("audio/speech.wav"));
  }

  private int heardMs() {
    return sessions.recordings.isEmpty() ? 0 : sessions.only().timeline().length / 8;
  }

  @ParameterizedTest
  @CsvSource({
    "udp, none, PCMU/8000/1",
    "tcp, none, PCMA/8000/1",
    "udp, none, G722/8000/1",
    "udp, none, opus/48000/2",
    "udp, srtp, PCMU/8000/1",
    "udp, dtls, PCMU/8000/1",
    "tls, srtp, PCMU/8000/1"
  })
  void takesACall(String transport, String encryption, String codec) throws Exception {
    try (LinphoneCaller linphone = new LinphoneCaller(work, codec, encryption)) {
      linphone.say("call " + address(transport));
      linphone.awaitMedia(1);
      int before = heardMs();
      play(linphone);
      await().until(() -> heardMs() > before + PLAYED_MS);
      linphone.say("terminate");
      await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    }
    assertThat(sessions.only().request.attributes())
        .containsEntry("transport", transport)
        .containsEntry("codec", codec.replaceFirst("/.*", "").toLowerCase(java.util.Locale.ROOT));
    Speech.assertPieceHeard(
        "Linphone, " + codec + ", " + encryption + " over " + transport,
        Speech.samples("speech"),
        sessions.only().timeline(),
        1000,
        codec.startsWith("opus") ? LEAST_OF_OPUS : Speech.LEAST);
  }

  @Test
  void holdsResumesAndPressesKeys() throws Exception {
    try (LinphoneCaller linphone = new LinphoneCaller(work, "PCMU/8000/1", "none")) {
      linphone.say("call " + address("udp"));
      linphone.awaitMedia(1);
      linphone.say("pause");
      linphone.awaitPrinted("paused");
      linphone.say("resume");
      linphone.awaitMedia(2);
      int before = heardMs();
      play(linphone);
      await().until(() -> heardMs() > before + PLAYED_MS);
      linphone.say("42#");
      await().until(() -> sessions.only().digits().equals("42#"));
      linphone.say("terminate");
      await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    }
    Speech.assertPieceHeard("Linphone, resumed", sessions.only().timeline(), 1000);
  }
}
