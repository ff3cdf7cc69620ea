package org.linescribe.api.audiosessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.audiosessions.AudioSessionsServer.closeSession;
import static org.linescribe.api.audiosessions.AudioSessionsServer.stream;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.FakeSession;
import org.linescribe.api.WebSocketClient;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.SourceRequest.Leg;

class SessionTranscriptTest {
  @TempDir Path storage;

  private AudioSessionsServer gateway(Map<String, Object> settings) {
    return new AudioSessionsServer(storage, settings);
  }

  private static short[] samples(byte[] pcm) {
    short[] samples = new short[pcm.length / 2];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (short) ((pcm[2 * i] & 0xFF) | (pcm[2 * i + 1] << 8));
    }
    return samples;
  }

  @Test
  void nothingIsTranscribedUnlessAskedFor() throws Exception {
    try (AudioSessionsServer gateway = gateway(Map.of());
        WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(new byte[1600])).get("session_id").asString();
      closeSession(client);
      assertThat(gateway.transcripts().session(id).request()).isNull();
    }
  }

  @Test
  void thePipelineGetsTheFilesAudioUnderTheSamesId() throws Exception {
    byte[] pcm = Sound.recording();
    try (AudioSessionsServer gateway = gateway(Map.of());
        WebSocketClient client = gateway.create("?sample_rate=8000&transcribe=true&user_id=u1")) {
      String id = stream(client, Sound.pieces(pcm, 5001)).get("session_id").asString();
      FakeSession session = gateway.transcripts().session(id);
      SourceRequest request = session.request();
      closeSession(client);
      assertThat(session.audio()).isEqualTo(samples(pcm));
      assertThat(session.ends()).containsExactly("control");
      assertThat(request).isNotNull();
      assertThat(request.kind()).isEqualTo("audio-session");
      assertThat(request.legs()).containsExactly(new Leg("caller", 8000));
      assertThat(request.attributes()).containsEntry("user_id", "u1");
    }
  }

  @ParameterizedTest
  @CsvSource({"44100,1", "96000,1", "22050,2"})
  void otherRatesReachThePipelineAtSixteenKilohertz(int rate, int channels) throws Exception {
    byte[] second = new byte[rate * 2 * channels];
    try (AudioSessionsServer gateway =
            gateway(Map.of("linescribe.audio-sessions.transcribe", "true"));
        WebSocketClient client = gateway.create("?sample_rate=" + rate + "&channels=" + channels)) {
      String id = stream(client, List.of(second, second)).get("session_id").asString();
      FakeSession session = gateway.transcripts().session(id);
      SourceRequest request = session.request();
      closeSession(client);
      assertThat(request).isNotNull();
      assertThat(request.legs()).hasSize(channels);
      assertThat(request.legs().getFirst().sampleRateHz()).isEqualTo(16_000);
      assertThat(session.samples()).isCloseTo(32_000 * channels, Offset.offset(200));
    }
  }

  @Test
  void twoChannelsAreTwoLegsOrOneMixAsTheSettingSays() throws Exception {
    byte[] stereo = new byte[4 * 1600];
    for (int i = 0; i < stereo.length; i += 4) {
      stereo[i + 1] = 0x40;
    }
    try (AudioSessionsServer legs = gateway(Map.of());
        WebSocketClient client = legs.create("?sample_rate=16000&channels=2&transcribe=true")) {
      String id = stream(client, List.of(stereo)).get("session_id").asString();
      SourceRequest request = legs.transcripts().session(id).request();
      assertThat(request).isNotNull();
      assertThat(request.legs())
          .containsExactly(new Leg("caller", 16_000), new Leg("callee", 16_000));
      short[] audio = legs.transcripts().session(id).audio();
      assertThat(Arrays.copyOf(audio, 1600)).containsOnly((short) 16_384);
      assertThat(Arrays.copyOfRange(audio, 1600, 3200)).containsOnly((short) 0);
    }
    try (AudioSessionsServer mix = gateway(Map.of("linescribe.audio-sessions.stereo", "mix"));
        WebSocketClient client = mix.create("?sample_rate=16000&channels=2&transcribe=true")) {
      String id = stream(client, List.of(stereo)).get("session_id").asString();
      assertThat(mix.transcripts().session(id).audio()).hasSize(1600).containsOnly((short) 8_192);
    }
  }

  @Test
  void aFullQueueHoldsTheClientBackAndLosesNothing() throws Exception {
    try (AudioSessionsServer gateway = gateway(Map.of());
        WebSocketClient client = gateway.create("?sample_rate=8000&transcribe=true")) {
      String id = stream(client, List.of(new byte[1600])).get("session_id").asString();
      FakeSession session = gateway.transcripts().session(id);
      int answers = client.received().size();
      session.space(1600);
      client.send(new byte[16_000]);
      await().until(() -> session.samples() == 2400);
      // Nothing may come now, however long one looks.
      await().during(Duration.ofMillis(300)).until(() -> client.received().size() == answers);
      session.writable(1_000_000);
      assertThat(json(client.next()).get("chunk_count").asLong()).isEqualTo(2);
      assertThat(session.samples()).isEqualTo(8800);
    }
  }

  @Test
  void aRefusedTranscriptRefusesTheSession() throws Exception {
    try (AudioSessionsServer gateway = gateway(Map.of())) {
      gateway
          .transcripts()
          .refuse(
              new SessionRefusedException(
                  SessionRefusedException.Reason.OVERLOADED, "busy", Duration.ofSeconds(7)));
      try (WebSocketClient client = gateway.create("?transcribe=true")) {
        assertThat(json(client.next()).get("error").asString()).contains("busy");
        assertThat(client.closed().code()).isEqualTo(1013);
      }
      try (WebSocketClient plain = gateway.create("?sample_rate=8000")) {
        assertThat(stream(plain, List.of(new byte[10])).get("status").asString())
            .isEqualTo("active");
      }
      try (var files = java.nio.file.Files.list(storage)) {
        assertThat(files.filter(path -> path.toString().endsWith(".wav"))).hasSize(1);
      }
    }
  }

  @Test
  void aSourceThatWentIdleIsOpenedAgainAndALostOneLeavesTheFileGrowing() throws Exception {
    try (AudioSessionsServer gateway = gateway(Map.of());
        WebSocketClient client = gateway.create("?sample_rate=8000&transcribe=true")) {
      String id = stream(client, List.of(new byte[1600])).get("session_id").asString();
      FakeSession session = gateway.transcripts().session(id);
      session.closes(SourceClosed.IDLE);
      stream(client, List.of(new byte[1600]));
      assertThat(session.samples()).isEqualTo(1600);
      session.closes(SourceClosed.FAILED);
      assertThat(stream(client, List.of(new byte[1600])).get("chunk_count").asLong()).isEqualTo(3);
      assertThat(session.samples()).isEqualTo(1600);
      closeSession(client);
      assertThat(Sound.pcm(gateway.file(id))).hasSize(4800);
      assertThat(Optional.ofNullable(gateway.info(id).get("status")).orElseThrow().asString())
          .isEqualTo("completed");
    }
  }
}
