package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.gateway.call.CalledGateway.control;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallControl.RecordingOrder;

/** Recordings of calls whose caller is told of them first. */
class AnnouncedRecordingTest extends RecordingGateway {
  /** What a caller says before it knows of the recording is in none. */
  @Test
  void beginsWhenTheCallerWasTold() throws Exception {
    Path consent = consent();
    start(true);
    // On hold it waits, so that the test does not depend on the time that it takes.
    int port = peer.call("", peer.sdp("inactive")).audioPort();
    SessionId id = sessions.only().sessionId();
    await().until(() -> control(gateway).find(id).map(c -> c.state().equals("held")).orElse(false));
    speak(port, 0, 10, (byte) 0x10);
    assertThat(state(id)).isEqualTo("off");
    // An operator's order does not outrank the announcement.
    control(gateway).record(id, RecordingOrder.START);
    await().until(() -> state(id).equals("on"));
    speak(port, 10, 20, (byte) 0x20);
    await()
        .until(
            () ->
                control(gateway).find(id).orElseThrow().legs().getFirst().receivedPackets() == 20);
    assertThat(peer.exchange("INVITE", "", peer.sdp()).status()).isEqualTo(200);
    peer.ack();
    await().until(() -> sessions.only().marks().contains("Announcement ended"));
    // What was lost in between is not made up from what was said before.
    speak(port, 50 + AHEAD, 60 + AHEAD, (byte) 0x30);
    await().until(() -> sessions.only().acceptedSamples() >= 10 * 160);
    peer.exchange("BYE", "", "");
    await().until(() -> control(gateway).open().isEmpty());
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
        id -> assertThat(control(gateway).record(id, RecordingOrder.PAUSE)).as("known").isTrue());
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
    await().until(() -> control(gateway).open().isEmpty());
    stop();

    sessions.recordings.clear();
    inTheAnnouncement(
        id -> {
          control(gateway).record(id, RecordingOrder.STOP);
          control(gateway).record(id, RecordingOrder.PAUSE);
          press("*");
        });
    assertThat(state(sessions.only().sessionId())).isEqualTo("off");
    control(gateway).record(sessions.only().sessionId(), RecordingOrder.START);
    await().until(() -> state(sessions.only().sessionId()).equals("on"));
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
    await().until(() -> control(gateway).find(id).map(c -> c.state().equals("held")).orElse(false));
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
    await().until(() -> control(gateway).open().isEmpty());

    await().untilAsserted(() -> assertThat(heard()).hasSize(1));
    assertThat(heard()).containsExactly(G711Law.PCMU.decode((byte) 0x30));
  }

  private interface Objection {
    void by(SessionId id) throws Exception;
  }
}
