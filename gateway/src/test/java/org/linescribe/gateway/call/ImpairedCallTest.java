package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** A network that loses, repeats, overtakes and delays; and baresip, another peer. */
@NeedsTool({Tool.SIPP, Tool.PYTHON})
class ImpairedCallTest {
  /** 20 ms at 8 kHz. */
  private static final int TOLERANCE_SAMPLES = 160;

  @TempDir Path work;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private SipGateway gateway;
  private SipKit kit;

  @BeforeEach
  void start() throws Exception {
    kit = new SipKit(work);
    gateway =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            RtpSettings.on("0"),
            CallSettings.defaults(),
            sessions,
            registry,
            Clock.systemUTC());
    gateway.start();
  }

  @AfterEach
  void stop() {
    gateway.stop();
  }

  @Test
  void keepsTheTimelineTrueUnderLossRepetitionReorderingAndJitter() {
    SipKit.Run run =
        kit.call(
            "uac_g711u",
            gateway.udpAddress(),
            Map.of("RTP_OPTS", "--loss .05 --dup .02 --reorder .02 --jitter 40 --seed 7"),
            "speech");

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    assertTimelineIsTrue(sessions.only().timeline());
    await()
        .untilAsserted(
            () -> assertThat(registry.counter("linescribe.rtp.lost").count()).isPositive());
    assertThat(registry.counter("linescribe.rtp.duplicate").count()).isPositive();
    await()
        .untilAsserted(
            () ->
                assertThat(registry.counter("linescribe.rtp.concealed.samples").count())
                    .isPositive());
  }

  /** Every second of the speech stands where the first stands, to within 20 ms. */
  private void assertTimelineIsTrue(short[] timeline) {
    short[] speech = Speech.samples("speech");
    int whole = Speech.offset(speech, timeline, 0, speech.length);
    for (int from = 0; from + 16_000 <= speech.length; from += 8000) {
      int near = Speech.offsetNear(speech, timeline, from, from + 16_000, whole, 1600);
      assertThat(near)
          .as("offset of second %d, against that of all", from / 8000)
          .isBetween(whole - TOLERANCE_SAMPLES, whole + TOLERANCE_SAMPLES);
    }
  }

  @NeedsTool({Tool.BARESIP, Tool.OPENSSL})
  @Test
  void takesACallFromBaresip() throws Exception {
    String to = "sip:x@127.0.0.1:" + gateway.udpAddress().getPort();

    try (SipKit.Background baresip = BaresipCaller.call(kit, to, Map.of())) {
      // It hangs up at the end of its recording.
      await()
          .alias("see " + baresip.output())
          .untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    }
    Speech.assertPieceHeard("baresip", sessions.only().timeline(), 2000);
  }

  @Test
  void takesACallThroughAProxyThatImpairs() throws Exception {
    int listen = SipKit.freeBase(2);
    int relays = SipKit.freeBase(8);
    Process impair =
        new ProcessBuilder(
                SipKit.script("impair.py"),
                "--listen",
                "127.0.0.1:" + listen,
                "--to",
                "127.0.0.1:" + gateway.udpAddress().getPort(),
                "--loss",
                ".05",
                "--dup",
                ".02",
                "--reorder",
                ".02",
                "--jitter",
                "40",
                "--dir",
                "in",
                "--base",
                Integer.toString(relays))
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("impair.txt").toFile())
            .start();
    try {
      await().until(() -> !SipKit.isFree(listen));

      SipKit.Run run =
          kit.call("uac_g711u", new InetSocketAddress("127.0.0.1", listen), Map.of(), "speech");

      assertThat(run.status()).as(run.output()).isZero();
      await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
      assertTimelineIsTrue(sessions.only().timeline());
    } finally {
      impair.destroy();
      assertThat(impair.waitFor()).isNotNegative();
    }
  }
}
