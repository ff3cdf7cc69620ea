package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.TestTrunk;
import org.linescribe.gateway.trunk.Trunk;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.settings.SettingsDefaults;

/** What a transfer by REFER must not do: leave consent, a dialog, or a limit behind. */
class TransferGuardTest extends CalledGateway {
  private static final int PACKET = 160;

  /** As peers behind a NAT see the gateway. */
  private static final String OURS = "192.0.2.7";

  @TempDir Path folder;
  private int callsPerSecond;
  private Clock now = Clock.systemUTC();
  private CalledPeer target;

  @Override
  LineSettings line() {
    Trunk trunk =
        TestTrunk.of(
            "pbx",
            Map.of(
                "addresses",
                List.of("127.0.0.1"),
                "callsPerSecond",
                callsPerSecond,
                "refer",
                Trunk.Refer.FOLLOW,
                "referTargets",
                List.of(OURS)));
    return SettingsDefaults.of(LineSettings.class, Map.of("trunks", List.of(trunk)));
  }

  @Override
  Clock clock() {
    return now;
  }

  @BeforeEach
  @Override
  void start() throws Exception {
    super.start();
    target = new CalledPeer(gateway.udpAddress());
  }

  @Override
  void restart(CallSettings calls) throws Exception {
    target.close();
    super.restart(calls);
    target = new CalledPeer(gateway.udpAddress());
  }

  @AfterEach
  void leave() {
    target.close();
  }

  @Override
  SipListeners listeners() {
    return SipListeners.of(
        SettingsDefaults.of(
            SipSettings.class, Map.of("bind", "127.0.0.1:0", "advertisedAddress", OURS)));
  }

  private int refer() throws IOException {
    return peer.exchange("REFER", "Refer-To: <" + target.uri() + ">\r\n", "").status();
  }

  private void awaitReceived(int packets) {
    await().until(() -> control().open().getFirst().legs().getFirst().receivedPackets() == packets);
  }

  private void awaitMarks(int count) {
    await()
        .until(
            () -> {
              mediaClock.advance(Duration.ofMillis(20));
              return sessions.only().marks().size() == count;
            });
  }

  /** Both have to know before they are transcribed. */
  @Test
  void theTargetIsToldWhatTheCallerWasBeforeItIsTranscribed() throws Exception {
    Path consent = folder.resolve("consent.wav");
    try (WavWriter writer = WavWriter.create(consent, 8000, 1)) {
      writer.write(new short[12 * PACKET], 0, 12 * PACKET);
    }
    restart(SettingsDefaults.of(CallSettings.class, Map.of("announcement", consent.toString())));
    Message ok = peer.call("");
    peer.rtp(ok.audioPort(), 1, PACKET, 7, (byte) 0x12);
    awaitMarks(2);
    Map<String, String> told = sessions.only().attributes();
    assertThat(refer()).isEqualTo(202);
    target.awaitInvite();
    target.accept(target.sdp());
    peer.ok(peer.awaitRequest("BYE"));

    for (int packet = 1; packet <= 4; packet++) {
      target.rtp(ok.audioPort(), packet, (byte) 0x34);
    }
    awaitReceived(5);
    awaitMarks(4);
    assertThat(sessions.only().acceptedSamples()).isZero();

    for (int packet = 1; packet <= 4; packet++) {
      target.rtp(ok.audioPort(), packet, 100, (byte) 0x34);
    }
    await().until(() -> sessions.only().acceptedSamples() > 0);
    assertThat(sessions.only().marks())
        .containsExactly(
            "Announcement started",
            "Announcement ended",
            "Announcement started",
            "Announcement ended");
    assertThat(sessions.only().attributes()).as("of the first").containsAllEntriesOf(told);
  }

  @Test
  void aTransferThatFailsWithinEndsBothDialogs() throws Exception {
    peer.call("");
    assertThat(refer()).isEqualTo(202);
    target.awaitInvite();
    sessions.only().whenDescribed =
        key -> {
          throw new IllegalStateException("a bug");
        };

    target.accept(target.sdp());

    target.ok(target.await("BYE"));
    peer.ok(peer.awaitRequest("BYE"));
    await().until(() -> openCalls() == 0);
  }

  /** Source: RFC 3261 §14.2: it may ask again, where 481 ends its dialog. */
  @Test
  void aTargetThatModifiesBeforeTheCallIsItsIsToldToWait() throws Exception {
    peer.call("");
    assertThat(refer()).isEqualTo(202);
    target.awaitInvite();
    CountDownLatch goesOn = new CountDownLatch(1);
    sessions.only().whenDescribed =
        key -> {
          try {
            goesOn.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    target.accept(target.sdp());

    int early;
    try {
      early = target.exchange("INVITE", target.sdp()).status();
    } finally {
      goesOn.countDown();
    }

    assertThat(early).isEqualTo(491);
  }

  @Test
  void theGatewayDoesNotCallTheAddressThatItAdvertises() throws Exception {
    peer.call("");
    String own = "sip:x@" + OURS + ":" + gateway.udpAddress().getPort();

    assertThat(peer.exchange("REFER", "Refer-To: <" + own + ">\r\n", "").status()).isEqualTo(202);

    assertThat(
            peer.await(
                m -> m.startLine().startsWith("NOTIFY ") && m.body().startsWith("SIP/2.0 482")))
        .isNotNull();
  }

  @Test
  void aTransferCountsInTheCallsPerSecondOfItsTrunk() throws Exception {
    callsPerSecond = 1;
    now = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    restart(CallSettings.defaults());
    peer.call("");

    Message refused = peer.exchange("REFER", "Refer-To: <" + target.uri() + ">\r\n", "");

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("Retry-After")).isPresent();
  }

  /** Attributes are read by more people than a Refer-To. */
  @Test
  void noPasswordOfAUriIsKept() throws Exception {
    peer.call("");
    String secret = target.uri().replace("sip:b@", "sip:b:secret@");
    assertThat(peer.exchange("REFER", "Refer-To: <" + secret + ">\r\n", "").status())
        .isEqualTo(202);
    target.awaitInvite();

    target.accept(target.sdp());

    await().until(() -> target.uri().equals(sessions.only().attributes().get("transferred_to")));
  }
}
