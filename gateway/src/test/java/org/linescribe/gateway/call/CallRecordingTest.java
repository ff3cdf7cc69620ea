package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.Route;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallControl.RecordingOrder;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.settings.SettingsDefaults;

/** Calls recorded by setting, by rule and by order. */
class CallRecordingTest {
  private static final int HEADER_BYTES = 44;

  /**
   * Packets that are lost before the audio behind a switch, 30 s: what is said earlier than the
   * switch by its timestamp is left out, and this peer speaks faster than time passes.
   */
  private static final int AHEAD = 1500;

  @TempDir Path folder;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final CountDownLatch disk = new CountDownLatch(1);
  private RecordingFile.Store files = RecordingFile.ON_DISK;
  private String announcement = "";
  private CallRecordings recordings;
  private SipGateway gateway;
  private RawSipPeer peer;

  private void start(boolean byDefault, Route... routes) throws Exception {
    recordings =
        new CallRecordings(
            new RecordingFolder(folder, files, StorageSettings.defaults()),
            SettingsDefaults.of(CallRecordingSettings.class, Map.of("calls", byDefault)),
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    gateway =
        new SipGateway(
                SipSettings.on("127.0.0.1:0"),
                PatientRtp.settings(),
                SettingsDefaults.of(
                    CallSettings.class, Map.of("recordingKey", "*", "announcement", announcement)),
                sessions,
                new SimpleMeterRegistry(),
                Clock.systemUTC())
            .recordings(recordings)
            .line(SettingsDefaults.of(LineSettings.class, Map.of("routes", List.of(routes))));
    gateway.start();
    peer = new RawSipPeer(gateway.udpAddress());
  }

  @AfterEach
  void stop() {
    disk.countDown();
    peer.close();
    gateway.stop();
  }

  private static Route recording(String to, boolean wanted) {
    return new Route(to, null, null, null, null, null, null, wanted, null, null, null, null);
  }

  private void speak(int port, int from, int to, byte code) throws Exception {
    for (int i = from; i < to; i++) {
      peer.rtp(port, i, i * 160L, 7, code);
    }
  }

  private String state(SessionId id) {
    return gateway.find(id).map(OpenCall::recording).orElse("");
  }

  /** The samples that are no silence, in their order, each value once in a row. */
  private List<Short> heard() throws Exception {
    CallRecordings.Kept kept = recordings.list(Optional.empty(), 1).getFirst();
    byte[] file = Files.readAllBytes(folder.resolve(kept.id() + ".wav"));
    List<Short> values = new ArrayList<>();
    for (int i = HEADER_BYTES; i + 1 < file.length; i += 2) {
      short sample = (short) (file[i] & 0xFF | file[i + 1] << 8);
      if (sample != 0 && (values.isEmpty() || values.getLast() != sample)) {
        values.add(sample);
      }
    }
    return values;
  }

  private String streams(int count) {
    return "v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        + ("m=audio " + peer.media.getLocalPort() + " RTP/AVP 0\r\na=sendonly\r\n").repeat(count);
  }

  /** A file cannot get a channel more: another one goes on, with all legs, on the same timeline. */
  @Test
  void aStreamThatJoinsARecordingSessionIsInTheNextFile() throws Exception {
    start(true);
    List<CallRecordings.Ready> ready = new CopyOnWriteArrayList<>();
    recordings.onReady(ready::add);
    int first = peer.call("Require: siprec\r\n", streams(1)).audioPort();
    SessionId id = sessions.only().sessionId();
    await().until(() -> state(id).equals("on"));
    speak(first, 0, 20, (byte) 0x10);
    await().until(() -> sessions.only().acceptedSamples() >= 18 * 160);

    RawSipPeer.Message ok = peer.exchange("INVITE", "Require: siprec\r\n", streams(2));
    peer.acknowledge(ok, "");
    int second = Integer.parseInt(ok.body().split("m=audio ")[2].split(" ")[0]);
    await().until(() -> ready.size() == 1);
    assertThat(state(id)).isEqualTo("on");
    int before = sessions.only().acceptedSamples();
    for (int i = 0; i < 20; i++) {
      peer.rtp(second, i, i * 160L, 9, (byte) 0x30);
    }
    await().until(() -> sessions.only().acceptedSamples() >= before + 18 * 160);
    peer.exchange("BYE", "", "");
    await().until(() -> ready.size() == 2);

    assertThat(ready).extracting(told -> told.shape().channels()).containsExactly(1, 2);
    assertThat(ready.get(1).frames()).isGreaterThanOrEqualTo(ready.get(0).frames());
    assertThat(ready.get(0).kept().id()).isNotEqualTo(ready.get(1).kept().id());
    assertThat(heard()).contains(G711Law.PCMU.decode((byte) 0x30));
    byte[] one = Files.readAllBytes(folder.resolve(ready.get(0).kept().id() + ".wav"));
    assertThat(one.length).isGreaterThan(HEADER_BYTES + 18 * 320);
  }

  @Test
  void recordsNothingUnlessItIsTold() throws Exception {
    start(false);
    assertThat(peer.call("").status()).isEqualTo(200);
    peer.exchange("BYE", "", "");
    await().until(() -> gateway.open().isEmpty());

    assertThat(recordings.list(Optional.empty(), 10)).isEmpty();
  }

  @Test
  void aRuleOutranksTheSetting() throws Exception {
    start(true, recording("service", false));
    assertThat(peer.call("").status()).isEqualTo(200);
    peer.exchange("BYE", "", "");
    await().until(() -> gateway.open().isEmpty());

    assertThat(recordings.list(Optional.empty(), 10)).isEmpty();
  }

  @Test
  void recordsByRuleAndLeavesAPauseOut() throws Exception {
    start(false, recording("serv*", true));
    int port = peer.call("").audioPort();
    SessionId id = sessions.only().sessionId();
    await().until(() -> state(id).equals("on"));
    speak(port, 0, 20, (byte) 0x10);
    await().until(() -> sessions.only().acceptedSamples() >= 19 * 160);

    assertThat(gateway.record(id, RecordingOrder.PAUSE)).isTrue();
    assertThat(state(id)).isEqualTo("paused");
    speak(port, 20, 40, (byte) 0x20);
    await().until(() -> sessions.only().acceptedSamples() >= 39 * 160);

    gateway.record(id, RecordingOrder.START);
    assertThat(state(id)).isEqualTo("on");
    speak(port, 40 + AHEAD, 60 + AHEAD, (byte) 0x30);
    await().until(() -> sessions.only().acceptedSamples() >= 59 * 160);
    peer.exchange("BYE", "", "");
    await().until(() -> gateway.open().isEmpty());

    await().untilAsserted(() -> assertThat(heard()).hasSize(2));
    // The transcript heard all three; 0x20 is in no file.
    long samples = (recordings.list(Optional.of(id), 1).getFirst().bytes() - HEADER_BYTES) / 2;
    assertThat(samples).isGreaterThanOrEqualTo(60 * 160);
  }

  /** Lost packets are made up from the sound before them, but not across a pause's ends. */
  @Test
  void whatIsSaidInAPauseIsNotMadeUpForPacketsLostBehindIt() throws Exception {
    start(true);
    int port = peer.call("").audioPort();
    SessionId id = sessions.only().sessionId();
    await().until(() -> state(id).equals("on"));
    speak(port, 0, 20, (byte) 0x10);
    await().until(() -> sessions.only().acceptedSamples() >= 20 * 160);

    gateway.record(id, RecordingOrder.PAUSE);
    await().until(() -> state(id).equals("paused"));
    speak(port, 25, 45, (byte) 0x20);
    await().until(() -> sessions.only().acceptedSamples() >= 40 * 160);
    gateway.record(id, RecordingOrder.START);
    await().until(() -> state(id).equals("on"));
    speak(port, 50 + AHEAD, 60 + AHEAD, (byte) 0x30);
    await().until(() -> sessions.only().acceptedSamples() >= 50 * 160);
    press("*");
    await().until(() -> state(id).equals("paused"));
    speak(port, 65 + AHEAD, 75 + AHEAD, (byte) 0x20);
    await().until(() -> sessions.only().acceptedSamples() >= 60 * 160);
    press("*");
    await().until(() -> state(id).equals("on"));
    speak(port, 80 + 2 * AHEAD, 90 + 2 * AHEAD, (byte) 0x40);
    await().until(() -> sessions.only().acceptedSamples() >= 70 * 160);
    peer.exchange("BYE", "", "");
    await().until(() -> gateway.open().isEmpty());

    await().untilAsserted(() -> assertThat(heard()).hasSize(3));
    assertThat(heard()).containsExactly(decoded(0x10), decoded(0x30), decoded(0x40));
  }

  @Test
  void whatIsLeftOutOfTheTranscriptIsNotMadeUpForPacketsLostBehindIt() throws Exception {
    start(false);
    int port = peer.call("").audioPort();
    SessionId id = sessions.only().sessionId();
    await().until(() -> gateway.find(id).map(c -> c.state().equals("active")).orElse(false));
    speak(port, 0, 20, (byte) 0x10);
    await().until(() -> sessions.only().acceptedSamples() >= 20 * 160);

    gateway.pause(id, true);
    await().until(() -> gateway.find(id).orElseThrow().paused());
    speak(port, 20, 40, (byte) 0x20);
    await().until(() -> gateway.find(id).orElseThrow().legs().getFirst().receivedPackets() == 40);
    gateway.pause(id, false);
    await().until(() -> !gateway.find(id).orElseThrow().paused());
    speak(port, 45 + AHEAD, 55 + AHEAD, (byte) 0x30);
    await().until(() -> sessions.only().acceptedSamples() >= 30 * 160);
    peer.exchange("BYE", "", "");
    await().until(() -> gateway.open().isEmpty());

    List<Short> values = new ArrayList<>();
    for (short sample : sessions.only().timeline()) {
      if (sample != 0 && (values.isEmpty() || values.getLast() != sample)) {
        values.add(sample);
      }
    }
    assertThat(values).containsExactly(decoded(0x10), decoded(0x30));
  }

  private static short decoded(int code) {
    return G711Law.PCMU.decode((byte) code);
  }

  @Test
  void aKeyPausesTheRecordingAndTheNextLetsItGoOn() throws Exception {
    start(true);
    assertThat(peer.call("").status()).isEqualTo(200);
    SessionId id = sessions.only().sessionId();
    await().until(() -> state(id).equals("on"));

    press("5");
    assertThat(state(id)).isEqualTo("on");
    press("*");
    await().until(() -> state(id).equals("paused"));
    press("*");
    await().until(() -> state(id).equals("on"));
    assertThat(sessions.only().digits()).isEqualTo("5**");
  }

  /** Card data may follow the key at once. */
  @Test
  void aKeyPausesARecordingThatIsOnlyBeginning() throws Exception {
    files = new SlowDisk();
    start(true);
    assertThat(peer.call("").status()).isEqualTo(200);
    SessionId id = sessions.only().sessionId();
    press("*");
    await().until(() -> sessions.only().digits().equals("*"));
    assertThat(state(id)).isEqualTo("off");

    disk.countDown();

    await().until(() -> state(id).equals("paused"));
  }

  /** Creates no file before its latch is open. */
  private final class SlowDisk implements RecordingFile.Store {
    @Override
    public RecordingFile create(Path path, AudioShape shape) throws IOException {
      try {
        disk.await();
      } catch (InterruptedException e) {
        throw new InterruptedIOException();
      }
      return RecordingFile.ON_DISK.create(path, shape);
    }

    @Override
    public RecordingFile reopen(Path path) throws IOException {
      return RecordingFile.ON_DISK.reopen(path);
    }
  }

  private void press(String key) throws Exception {
    peer.send(
        peer.request("INFO", "", "Signal=" + key + "\r\n")
            .replace("application/sdp", "application/dtmf-relay"));
    assertThat(peer.awaitFinal().status()).isEqualTo(200);
  }

  @Test
  void recordsOnOrderFromTheMiddleOfACallAndKeepsItsTime() throws Exception {
    start(false);
    int port = peer.call("").audioPort();
    SessionId id = sessions.only().sessionId();
    await().until(() -> gateway.find(id).map(c -> c.state().equals("active")).orElse(false));
    assertThat(state(id)).isEqualTo("off");
    speak(port, 0, 20, (byte) 0x10);
    await().until(() -> sessions.only().acceptedSamples() >= 20 * 160);

    gateway.record(id, RecordingOrder.START);
    await().until(() -> state(id).equals("on"));
    speak(port, 20 + AHEAD, 40 + AHEAD, (byte) 0x20);
    await().until(() -> sessions.only().acceptedSamples() >= 40 * 160);
    gateway.record(id, RecordingOrder.STOP);
    await().until(() -> state(id).equals("off"));

    await().untilAsserted(() -> assertThat(heard()).hasSize(1));
    long samples = (recordings.list(Optional.of(id), 1).getFirst().bytes() - HEADER_BYTES) / 2;
    assertThat(samples).isGreaterThanOrEqualTo(40 * 160);
    assertThat(gateway.record(new SessionId("nobody"), RecordingOrder.START)).isFalse();
  }

  /** What a caller says before it knows of the recording is in none. */
  @Test
  void beginsWhenTheCallerWasTold() throws Exception {
    Path consent = consent();
    start(true);
    // On hold it waits, so that the test does not depend on the time that it takes.
    int port = peer.call("", peer.sdp("inactive")).audioPort();
    SessionId id = sessions.only().sessionId();
    await().until(() -> gateway.find(id).map(c -> c.state().equals("held")).orElse(false));
    speak(port, 0, 10, (byte) 0x10);
    assertThat(state(id)).isEqualTo("off");
    // An operator's order does not outrank the announcement.
    gateway.record(id, RecordingOrder.START);
    await().until(() -> state(id).equals("on"));
    speak(port, 10, 20, (byte) 0x20);
    await().until(() -> gateway.find(id).orElseThrow().legs().getFirst().receivedPackets() == 20);
    assertThat(peer.exchange("INVITE", "", peer.sdp()).status()).isEqualTo(200);
    peer.ack();
    await().until(() -> sessions.only().marks().contains("Announcement ended"));
    // What was lost in between is not made up from what was said before.
    speak(port, 50 + AHEAD, 60 + AHEAD, (byte) 0x30);
    await().until(() -> sessions.only().acceptedSamples() >= 10 * 160);
    peer.exchange("BYE", "", "");
    await().until(() -> gateway.open().isEmpty());
    Files.delete(consent);

    await().untilAsserted(() -> assertThat(heard()).hasSize(1));
  }

  private Path consent() throws Exception {
    Path consent = folder.resolve("consent.wav");
    try (WavWriter writer = WavWriter.create(consent, 8000, 1)) {
      writer.write(new short[4000], 0, 4000);
    }
    announcement = consent.toString();
    return consent;
  }

  /** "This call is recorded; press star if you object." */
  @Test
  void whoObjectsInTheAnnouncementIsNotRecorded() throws Exception {
    staysOutOfTheRecording(id -> press("*"));
  }

  @Test
  void anOrderToPauseInTheAnnouncementIsObeyedWhenTheRecordingBegins() throws Exception {
    staysOutOfTheRecording(
        id -> assertThat(gateway.record(id, RecordingOrder.PAUSE)).as("known").isTrue());
  }

  @Test
  void whoObjectsTwiceInTheAnnouncementIsRecordedAndAStopStays() throws Exception {
    inTheAnnouncement(
        id -> {
          press("*");
          press("*");
        });
    await().until(() -> state(sessions.only().sessionId()).equals("on"));
    peer.exchange("BYE", "", "");
    await().until(() -> gateway.open().isEmpty());
    stop();

    sessions.recordings.clear();
    inTheAnnouncement(
        id -> {
          gateway.record(id, RecordingOrder.STOP);
          gateway.record(id, RecordingOrder.PAUSE);
          press("*");
        });
    assertThat(state(sessions.only().sessionId())).isEqualTo("off");
    gateway.record(sessions.only().sessionId(), RecordingOrder.START);
    await().until(() -> state(sessions.only().sessionId()).equals("on"));
  }

  private interface Objection {
    void by(SessionId id) throws Exception;
  }

  /**
   * @return the call's audio port, after the announcement
   */
  private int inTheAnnouncement(Objection objection) throws Exception {
    Path consent = consent();
    start(false, recording("serv*", true));
    Files.delete(consent);
    // On hold it waits, so that the test does not depend on the time that it takes.
    int port = peer.call("", peer.sdp("inactive")).audioPort();
    SessionId id = sessions.only().sessionId();
    await().until(() -> gateway.find(id).map(c -> c.state().equals("held")).orElse(false));
    objection.by(id);
    assertThat(peer.exchange("INVITE", "", peer.sdp()).status()).isEqualTo(200);
    peer.ack();
    speak(port, 0, 2, (byte) 0x10);
    await().until(() -> sessions.only().marks().contains("Announcement ended"));
    return port;
  }

  private void staysOutOfTheRecording(Objection objection) throws Exception {
    int port = inTheAnnouncement(objection);
    SessionId id = sessions.only().sessionId();
    await().until(() -> state(id).equals("paused"));
    speak(port, 2 + AHEAD, 22 + AHEAD, (byte) 0x20);
    await().until(() -> sessions.only().acceptedSamples() >= 20 * 160);
    press("*");
    await().until(() -> state(id).equals("on"));
    speak(port, 22 + 2 * AHEAD, 42 + 2 * AHEAD, (byte) 0x30);
    await().until(() -> sessions.only().acceptedSamples() >= 40 * 160);
    peer.exchange("BYE", "", "");
    await().until(() -> gateway.open().isEmpty());

    await().untilAsserted(() -> assertThat(heard()).hasSize(1));
    assertThat(heard()).containsExactly(G711Law.PCMU.decode((byte) 0x30));
  }
}
