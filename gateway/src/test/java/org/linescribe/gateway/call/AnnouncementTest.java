package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.Route;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.AnnouncementTimes;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.settings.SettingsDefaults;

/** What callers are told before they are transcribed, packet by packet. */
class AnnouncementTest extends CalledGateway {
  private static final int PACKET = 160;
  private static final int PACKETS = 12;
  private static final int HEADER_BYTES = 12;
  private static final Duration PACKET_TIME = Duration.ofMillis(20);
  private static final byte VOICE = 0x10;

  @TempDir Path folder;
  private Path file;
  private short[] told;
  private List<Route> routes = List.of();
  private int spoken;
  private long ssrc = 7;

  @Override
  LineSettings line() {
    return SettingsDefaults.of(LineSettings.class, Map.of("routes", routes));
  }

  @BeforeEach
  @Override
  void start() throws Exception {
    told = new short[PACKETS * PACKET];
    for (int i = 0; i < told.length; i++) {
      told[i] = (short) (8000 * Math.sin(i * 0.2) * Math.cos(i * 0.003));
    }
    file = wav("consent.wav", told, 8000);
    super.start();
    announcing(file.toString());
  }

  private void announcing(String named) throws Exception {
    restart(SettingsDefaults.of(CallSettings.class, Map.of("announcement", named)));
  }

  private Path wav(String name, short[] pcm, int rateHz) throws IOException {
    Path path = folder.resolve(name);
    try (WavWriter writer = WavWriter.create(path, rateHz, 1)) {
      writer.write(pcm, 0, pcm.length);
    }
    return path;
  }

  private static byte[] coded(G711Law law, short[] pcm, int from, int to) {
    byte[] codes = new byte[to - from];
    law.encode(pcm, from, to - from, codes, 0);
    return codes;
  }

  /** From now on another source speaks: the first one's timestamps are behind the time. */
  private void change() {
    ssrc++;
  }

  private void speak(int port, int packets) throws IOException {
    for (int i = 0; i < packets; i++, spoken++) {
      peer.rtp(port, spoken, (long) spoken * PACKET, ssrc, VOICE);
    }
  }

  /** Lets a packet's time pass, and takes what is sent in it. */
  private byte[] packet() throws IOException {
    mediaClock.advance(PACKET_TIME);
    DatagramPacket datagram = new DatagramPacket(new byte[2048], 2048);
    peer.media.receive(datagram);
    return Arrays.copyOf(datagram.getData(), datagram.getLength());
  }

  private static byte[] payload(byte[] packet) {
    return Arrays.copyOfRange(packet, HEADER_BYTES, packet.length);
  }

  private static boolean isSilence(byte[] payload, G711Law law) {
    for (byte code : payload) {
      if (code != (byte) law.idleCode()) {
        return false;
      }
    }
    return true;
  }

  /** The announcement's packets from its first one on. */
  private byte[] hear(int packets, G711Law law) throws IOException {
    byte[] heard = new byte[packets * PACKET];
    byte[] payload = payload(packet());
    while (isSilence(payload, law)) {
      payload = payload(packet());
    }
    for (int i = 0; i < packets; i++) {
      System.arraycopy(payload, 0, heard, i * PACKET, PACKET);
      if (i + 1 < packets) {
        payload = payload(packet());
      }
    }
    return heard;
  }

  private int answered(RawSipPeer.Message ok) throws IOException {
    assertThat(ok.status()).isEqualTo(200);
    speak(ok.audioPort(), 2);
    return ok.audioPort();
  }

  private Map<String, String> attributes() {
    return sessions.only().attributes();
  }

  @Test
  void isPlayedWholeAndThenTheCallerIsTranscribed() throws Exception {
    int port = answered(peer.call(""));

    byte[] heard = hear(PACKETS - 1, G711Law.PCMU);
    peer.send(
        peer.request("INFO", "", "Signal=5\r\n")
            .replace("application/sdp", "application/dtmf-relay"));
    assertThat(peer.awaitFinal().status()).isEqualTo(200);
    speak(port, 10);
    await().until(() -> control().open().getFirst().legs().getFirst().receivedPackets() == 12);
    assertThat(control().open().getFirst().announcement().orElseThrow().endedAt()).isEmpty();
    byte[] last = payload(packet());
    assertThat(isSilence(payload(packet()), G711Law.PCMU)).isTrue();
    await().until(() -> attributes().containsKey(CallAnnouncement.ENDED_AT));
    assertThat(sessions.only().acceptedSamples()).isZero();
    change();
    speak(port, 10);

    assertThat(heard).isEqualTo(coded(G711Law.PCMU, told, 0, (PACKETS - 1) * PACKET));
    assertThat(last).isEqualTo(coded(G711Law.PCMU, told, (PACKETS - 1) * PACKET, PACKETS * PACKET));
    await().until(() -> sessions.only().acceptedSamples() == 10 * PACKET);
    assertThat(sessions.only().digits()).isEqualTo("5");
    assertThat(sessions.only().marks())
        .containsExactly("Announcement started", "Announcement ended");
    peer.exchange("BYE", "", "");
    awaitEnd("bye");
    assertThat(sessions.only().timeline()).hasSizeGreaterThanOrEqualTo(22 * PACKET);
    AnnouncementTimes times = record().announcement().orElseThrow();
    assertThat(times.endedAt().orElseThrow()).isAfterOrEqualTo(times.startedAt());
    assertThat(times.startedAt()).isAfterOrEqualTo(record().answeredAt().orElseThrow());
  }

  private CallRecord record() {
    SessionId id = sessions.only().sessionId();
    await().until(() -> sessions.callLog().newest(id).isPresent());
    return sessions.callLog().newest(id).orElseThrow();
  }

  @Test
  void waitsWhileTheCallIsOnHoldAndGoesOnWhereItWas() throws Exception {
    int port = answered(peer.call(""));
    byte[] before = hear(5, G711Law.PCMU);
    assertThat(peer.exchange("INVITE", "", peer.sdp("sendonly")).status()).isEqualTo(200);
    peer.ack();
    await().until(() -> control().open().getFirst().state().equals("held"));
    // Music on hold is not transcribed, and time passes.
    for (int i = 0; i < 20; i++) {
      speak(port, 1);
      mediaClock.advance(PACKET_TIME);
    }
    await().until(() -> control().open().getFirst().legs().getFirst().receivedPackets() == 22);
    assertThat(attributes()).doesNotContainKey(CallAnnouncement.ENDED_AT);
    assertThat(peer.exchange("INVITE", "", peer.sdp("sendrecv")).status()).isEqualTo(200);
    peer.ack();
    await().until(() -> control().open().getFirst().state().equals("active"));

    byte[] after = hear(PACKETS - 5, G711Law.PCMU);

    assertThat(before).isEqualTo(coded(G711Law.PCMU, told, 0, 5 * PACKET));
    assertThat(after).isEqualTo(coded(G711Law.PCMU, told, 5 * PACKET, PACKETS * PACKET));
    packet();
    await().until(() -> attributes().containsKey(CallAnnouncement.ENDED_AT));
    assertThat(sessions.only().acceptedSamples()).isZero();
    change();
    speak(port, 5);
    await().until(() -> sessions.only().acceptedSamples() == 5 * PACKET);
  }

  /** A fork of a call's media: it would wait for ever. */
  @Test
  void aPeerThatOnlySendsIsTranscribedAtOnceAndToldWhenItListens() throws Exception {
    RawSipPeer.Message ok = peer.call("", peer.sdp("sendonly"));
    await().until(() -> control().open().getFirst().state().equals("held"));
    int port = answered(ok);
    speak(port, 8);
    await().until(() -> sessions.only().acceptedSamples() == 10 * PACKET);
    assertThat(attributes()).doesNotContainKey(CallAnnouncement.STARTED_AT);

    assertThat(peer.exchange("INVITE", "", peer.sdp("sendrecv")).status()).isEqualTo(200);
    peer.ack();
    await().until(() -> control().open().getFirst().state().equals("active"));
    byte[] heard = hear(PACKETS, G711Law.PCMU);
    packet();
    await().until(() -> attributes().containsKey(CallAnnouncement.ENDED_AT));

    assertThat(heard).isEqualTo(coded(G711Law.PCMU, told, 0, PACKETS * PACKET));
    assertThat(sessions.only().acceptedSamples()).isEqualTo(10 * PACKET);
    change();
    speak(port, 5);
    await().until(() -> sessions.only().acceptedSamples() == 15 * PACKET);
  }

  @Test
  void goesOnInAnotherCodecAfterARenegotiation() throws Exception {
    answered(peer.call(""));
    hear(5, G711Law.PCMU);
    String alaw = peer.sdp().replace("RTP/AVP 0", "RTP/AVP 8");
    assertThat(peer.exchange("INVITE", "", alaw).status()).isEqualTo(200);
    peer.ack();

    // A packet may be on its way, and A-law is encoded on a thread of its own first.
    int at = 5;
    boolean changed = false;
    while (at < PACKETS) {
      byte[] packet = packet();
      G711Law law = (packet[1] & 0x7F) == 8 ? G711Law.PCMA : G711Law.PCMU;
      if (!isSilence(payload(packet), law)) {
        assertThat(payload(packet))
            .as("packet %d in %s", at, law)
            .isEqualTo(coded(law, told, at * PACKET, (at + 1) * PACKET));
        changed |= law == G711Law.PCMA;
        at++;
      }
    }
    assertThat(changed).isTrue();
  }

  @Test
  void aCallThatEndsInItHasABeginAndNoWords() throws Exception {
    int port = answered(peer.call(""));
    hear(3, G711Law.PCMU);
    speak(port, 10);
    await().until(() -> control().open().getFirst().legs().getFirst().receivedPackets() == 12);
    peer.exchange("BYE", "", "");
    awaitEnd("bye");

    assertThat(sessions.only().acceptedSamples()).isZero();
    assertThat(attributes())
        .containsKey(CallAnnouncement.STARTED_AT)
        .doesNotContainKey(CallAnnouncement.ENDED_AT);
    assertThat(record().announcement().orElseThrow().endedAt()).isEmpty();
  }

  /** Who sends nothing has to be where the session description says. */
  @Test
  void isPlayedToAPeerThatSendsNothing() throws Exception {
    assertThat(peer.call("").status()).isEqualTo(200);
    await().until(() -> control().open().getFirst().state().equals("active"));
    mediaClock.advance(Duration.ofMillis(500));

    assertThat(hear(PACKETS, G711Law.PCMU))
        .isEqualTo(coded(G711Law.PCMU, told, 0, PACKETS * PACKET));
  }

  @Test
  void aRuleNamesAnotherOneOrNone() throws Exception {
    short[] other = new short[2 * PACKET];
    Arrays.fill(other, (short) 1000);
    routes =
        List.of(route("service", wav("other.wav", other, 8000).toString()), route("none", "none"));
    announcing(file.toString());
    answered(peer.call(""));

    assertThat(hear(2, G711Law.PCMU)).isEqualTo(coded(G711Law.PCMU, other, 0, 2 * PACKET));

    routes = List.of(route("serv*", "none"));
    sessions.recordings.clear();
    announcing(file.toString());
    int port = answered(peer.call(""));
    speak(port, 10);
    await().until(() -> sessions.only().acceptedSamples() == 12 * PACKET);
    assertThat(control().open().getFirst().announcement()).isEmpty();
  }

  @Test
  void noneIsNoneForAllCallsToo() throws Exception {
    announcing("none");
    int port = answered(peer.call(""));
    speak(port, 10);
    await().until(() -> sessions.only().acceptedSamples() == 12 * PACKET);
    assertThat(control().open().getFirst().announcement()).isEmpty();
  }

  private static Route route(String to, String announcement) {
    return new Route(to, null, null, null, null, null, null, null, null, null, null, announcement);
  }

  /** 16 kHz and two channels become one at 8 kHz. */
  @Test
  void takesAFileOfAnotherRate() throws Exception {
    short[] wide = new short[4 * PACKETS * PACKET];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = (short) (8000 * Math.sin((i / 2) * 0.1));
    }
    Path path = folder.resolve("wide.wav");
    try (WavWriter writer = WavWriter.create(path, 16_000, 2)) {
      writer.write(wide, 0, wide.length / 2);
    }
    announcing(path.toString());
    answered(peer.call(""));

    byte[] heard = hear(PACKETS, G711Law.PCMU);

    short[] pcm = new short[heard.length];
    G711Law.PCMU.decode(heard, 0, heard.length, pcm, 0);
    short[] expected = new short[heard.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (short) (8000 * Math.sin(i * 0.2));
    }
    assertThat(Speech.correlation(expected, pcm, 100, pcm.length - 100, 0)).isGreaterThan(0.999);
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing.wav", "text.wav", "long.wav", "empty.wav", "low.wav"})
  void aFileThatCannotBeUsedEndsTheStart(String name) throws Exception {
    Files.writeString(folder.resolve("text.wav"), "this is no audio at all, but long enough");
    wav("long.wav", new short[121 * 8000], 8000);
    wav("empty.wav", new short[0], 8000);
    wav("low.wav", new short[6000], 6000);
    String path = folder.resolve(name).toString();

    assertThatThrownBy(() -> announcing(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("linescribe.call.announcement: '" + path + "' (expected: a WAV file");
    routes = List.of(route("*", path));
    assertThatThrownBy(() -> announcing(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("linescribe.line.routes.announcement: '" + path + "'");
    routes = List.of();
    announcing("");
  }
}
