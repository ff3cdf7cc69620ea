package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.media.format.FfmpegProgram;
import org.linescribe.media.format.FfmpegSettings;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** Calls with SRTP from programs that nobody here wrote: baresip (libre, libsrtp) and FFmpeg. */
@NeedsTool({Tool.BARESIP, Tool.OPENSSL, Tool.PYTHON})
class EncryptedCallTest {
  @TempDir Path work;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private SipGateway gateway;
  private SipKit kit;

  @BeforeEach
  void start() throws Exception {
    kit = new SipKit(work);
    gateway = TlsGateway.start(kit, sessions, registry);
  }

  @AfterEach
  void stop() {
    gateway.stop();
  }

  @ParameterizedTest
  @CsvSource({"srtp-mand, tls", "srtp, udp", "dtls_srtp, udp"})
  void takesACallFromBaresip(String encryption, String transport) throws Exception {
    boolean isTls = transport.equals("tls");
    int port =
        isTls ? gateway.address("tls").orElseThrow().getPort() : gateway.udpAddress().getPort();
    String to = "sip:x@127.0.0.1:" + port + (isTls ? ";transport=tls" : "");

    try (SipKit.Background baresip =
        BaresipCaller.call(kit, to, Map.of("ENC", encryption, isTls ? "TLS" : "NO_TLS", "1"))) {
      // It hangs up at the end of its recording.
      await()
          .alias("see " + baresip.output())
          .untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    }
    assertThat(sessions.only().request.attributes()).containsEntry("transport", transport);
    Speech.assertPieceHeard(encryption + " over " + transport, sessions.only().timeline(), 2000);
  }

  @Test
  void takesWhatFfmpegEncrypts() throws Exception {
    String key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
    try (RawSipPeer peer = new RawSipPeer(gateway.udpAddress())) {
      String offer =
          peer.sdp().replace("RTP/AVP", "RTP/SAVP")
              + ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key + "\r\n");
      RawSipPeer.Message ok = peer.call("", offer);
      assertThat(ok.status()).as(ok.head()).isEqualTo(200);
      // A stranger's packet in the clear is not heard.
      peer.rtp(ok.audioPort(), 1, 160, 9, (byte) 0x00);

      SipKit.Run sent =
          kit.run(
              List.of(
                  FfmpegProgram.find(FfmpegSettings.defaults()).path().toString(),
                  "-v",
                  "error",
                  "-re",
                  "-i",
                  ProjectFiles.sipKit().resolve("audio/speech.wav").toString(),
                  "-c:a",
                  "pcm_mulaw",
                  "-ar",
                  "8000",
                  "-f",
                  "rtp",
                  "-srtp_out_suite",
                  "AES_CM_128_HMAC_SHA1_80",
                  "-srtp_out_params",
                  key,
                  "srtp://127.0.0.1:" + ok.audioPort() + "?pkt_size=182"),
              Map.of(),
              120);
      assertThat(sent.status()).as(sent.output()).isZero();
      assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    }
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    Speech.assertPieceHeard("FFmpeg's SRTP", sessions.only().timeline(), 2000);
    assertThat(registry.counter("linescribe.rtp.defects", "kind", "srtp_forged").count())
        .isEqualTo(1);
  }
}
