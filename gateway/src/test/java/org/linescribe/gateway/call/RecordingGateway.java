package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.gateway.call.CalledGateway.control;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.Route;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.settings.SettingsDefaults;

/** A gateway that records, and a peer that speaks. */
abstract class RecordingGateway {
  static final int HEADER_BYTES = 44;

  /**
   * Packets that are lost before the audio behind a switch, 30 s: what is said earlier than the
   * switch by its timestamp is left out, and this peer speaks faster than time passes.
   */
  static final int AHEAD = 1500;

  @TempDir Path folder;
  final RecordingSessionsFake sessions = new RecordingSessionsFake();
  final CountDownLatch disk = new CountDownLatch(1);
  RecordingFile.Store files = RecordingFile.ON_DISK;
  String announcement = "";
  CallRecordings recordings;
  SipGateway gateway;
  RawSipPeer peer;

  void start(boolean byDefault, Route... routes) throws Exception {
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

  static Route recording(String to, boolean wanted) {
    return new Route(to, null, null, null, null, null, null, wanted, null, null, null, null);
  }

  void speak(int port, int from, int to, byte code) throws Exception {
    for (int i = from; i < to; i++) {
      peer.rtp(port, i, i * 160L, 7, code);
    }
  }

  String state(SessionId id) {
    return control(gateway).find(id).map(OpenCall::recording).orElse("");
  }

  /** The samples that are no silence, in their order, each value once in a row. */
  List<Short> heard() throws Exception {
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

  void press(String key) throws Exception {
    peer.send(
        peer.request("INFO", "", "Signal=" + key + "\r\n")
            .replace("application/sdp", "application/dtmf-relay"));
    assertThat(peer.awaitFinal().status()).isEqualTo(200);
  }

  static short decoded(int code) {
    return G711Law.PCMU.decode((byte) code);
  }
}
