package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.gateway.call.CalledGateway.control;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallControl.RecordingOrder;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingFile;

/** Calls recorded by setting, by rule and by order. */
class CallRecordingTest extends RecordingGateway {
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
    await().until(() -> control(gateway).open().isEmpty());

    assertThat(recordings.list(Optional.empty(), 10)).isEmpty();
  }

  @Test
  void aRuleOutranksTheSetting() throws Exception {
    start(true, recording("service", false));
    assertThat(peer.call("").status()).isEqualTo(200);
    peer.exchange("BYE", "", "");
    await().until(() -> control(gateway).open().isEmpty());

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

    assertThat(control(gateway).record(id, RecordingOrder.PAUSE)).isTrue();
    assertThat(state(id)).isEqualTo("paused");
    speak(port, 20, 40, (byte) 0x20);
    await().until(() -> sessions.only().acceptedSamples() >= 39 * 160);

    control(gateway).record(id, RecordingOrder.START);
    assertThat(state(id)).isEqualTo("on");
    speak(port, 40 + AHEAD, 60 + AHEAD, (byte) 0x30);
    await().until(() -> sessions.only().acceptedSamples() >= 59 * 160);
    peer.exchange("BYE", "", "");
    await().until(() -> control(gateway).open().isEmpty());

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

    control(gateway).record(id, RecordingOrder.PAUSE);
    await().until(() -> state(id).equals("paused"));
    speak(port, 25, 45, (byte) 0x20);
    await().until(() -> sessions.only().acceptedSamples() >= 40 * 160);
    control(gateway).record(id, RecordingOrder.START);
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
    await().until(() -> control(gateway).open().isEmpty());

    await().untilAsserted(() -> assertThat(heard()).hasSize(3));
    assertThat(heard()).containsExactly(decoded(0x10), decoded(0x30), decoded(0x40));
  }

  @Test
  void whatIsLeftOutOfTheTranscriptIsNotMadeUpForPacketsLostBehindIt() throws Exception {
    start(false);
    int port = peer.call("").audioPort();
    SessionId id = sessions.only().sessionId();
    await()
        .until(() -> control(gateway).find(id).map(c -> c.state().equals("active")).orElse(false));
    speak(port, 0, 20, (byte) 0x10);
    await().until(() -> sessions.only().acceptedSamples() >= 20 * 160);

    control(gateway).pause(id, true);
    await().until(() -> control(gateway).find(id).orElseThrow().paused());
    speak(port, 20, 40, (byte) 0x20);
    await()
        .until(
            () ->
                control(gateway).find(id).orElseThrow().legs().getFirst().receivedPackets() == 40);
    control(gateway).pause(id, false);
    await().until(() -> !control(gateway).find(id).orElseThrow().paused());
    speak(port, 45 + AHEAD, 55 + AHEAD, (byte) 0x30);
    await().until(() -> sessions.only().acceptedSamples() >= 30 * 160);
    peer.exchange("BYE", "", "");
    await().until(() -> control(gateway).open().isEmpty());

    List<Short> values = new ArrayList<>();
    for (short sample : sessions.only().timeline()) {
      if (sample != 0 && (values.isEmpty() || values.getLast() != sample)) {
        values.add(sample);
      }
    }
    assertThat(values).containsExactly(decoded(0x10), decoded(0x30));
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

  @Test
  void recordsOnOrderFromTheMiddleOfACallAndKeepsItsTime() throws Exception {
    start(false);
    int port = peer.call("").audioPort();
    SessionId id = sessions.only().sessionId();
    await()
        .until(() -> control(gateway).find(id).map(c -> c.state().equals("active")).orElse(false));
    assertThat(state(id)).isEqualTo("off");
    speak(port, 0, 20, (byte) 0x10);
    await().until(() -> sessions.only().acceptedSamples() >= 20 * 160);

    control(gateway).record(id, RecordingOrder.START);
    await().until(() -> state(id).equals("on"));
    speak(port, 20 + AHEAD, 40 + AHEAD, (byte) 0x20);
    await().until(() -> sessions.only().acceptedSamples() >= 40 * 160);
    control(gateway).record(id, RecordingOrder.STOP);
    await().until(() -> state(id).equals("off"));

    await().untilAsserted(() -> assertThat(heard()).hasSize(1));
    long samples = (recordings.list(Optional.of(id), 1).getFirst().bytes() - HEADER_BYTES) / 2;
    assertThat(samples).isGreaterThanOrEqualTo(40 * 160);
    assertThat(control(gateway).record(new SessionId("nobody"), RecordingOrder.START)).isFalse();
  }
}
