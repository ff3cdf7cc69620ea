package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.gateway.call.Patience.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;

/** A network that loses, repeats, overtakes and delays; and baresip, another peer. */
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
  }

  /** Every second of the speech stands where the first stands, to within 20 ms. */
  private void assertTimelineIsTrue(float[] timeline) {
    float[] speech = Speech.samples(kit, "speech");
    int whole = Speech.offset(speech, timeline, 0, speech.length);
    for (int from = 0; from + 16_000 <= speech.length; from += 8000) {
      int near = Speech.offsetNear(speech, timeline, from, from + 16_000, whole, 1600);
      assertThat(near)
          .as("offset of second %d, against that of all", from / 8000)
          .isBetween(whole - TOLERANCE_SAMPLES, whole + TOLERANCE_SAMPLES);
    }
  }

  @Test
  void takesACallFromBaresip() throws Exception {
    SipKit.require(SipKit.onPath("baresip"), "baresip (Debian: baresip-core)");
    int base = SipKit.freeBase(8);
    String range = rtpRange();
    SipKit.Run peer =
        kit.run(
            List.of(
                kit.folder().resolve("bin/baresip_peer.sh").toString(),
                "alice",
                Integer.toString(base)),
            Map.of("RTP", range, "CTRL", "" + (base + 4), "HTTP", "" + (base + 6)),
            30);
    assertThat(peer.status()).as(peer.output()).isZero();
    String[] lines = peer.output().strip().split("\n");

    try (SipKit.Background baresip =
        kit.begin(
            List.of(
                "sh",
                "-c",
                "exec baresip -f \"$0\" -v -s -t 60 -e \"/dial sip:x@127.0.0.1:$1\" < /dev/null",
                lines[lines.length - 1],
                Integer.toString(gateway.udpAddress().getPort())))) {
      // It hangs up at the end of its recording.
      await()
          .alias("see " + baresip.output())
          .untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    }
    float[] speech = Speech.samples(kit, "speech");
    float[] timeline = sessions.only().timeline();
    int offset = Speech.offset(speech, timeline, 0, 5 * 8000);
    assertThat(Speech.correlation(speech, timeline, 0, 5 * 8000, offset)).isGreaterThan(0.95);
  }

  private static String rtpRange() {
    int base = SipKit.freeBase(40);
    return base + "-" + (base + 39);
  }

  @Test
  void takesACallThroughAProxyThatImpairs() throws Exception {
    int listen = SipKit.freeBase(2);
    int relays = SipKit.freeBase(8);
    Process impair =
        new ProcessBuilder(
                kit.folder().resolve("bin/impair.py").toString(),
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
