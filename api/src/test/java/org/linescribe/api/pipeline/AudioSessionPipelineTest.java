package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.WebSocketClient;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.testsupport.HumanRecording;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class AudioSessionPipelineTest {
  private static final Logger LOG = LoggerFactory.getLogger(AudioSessionPipelineTest.class);

  @TempDir private static Path data;
  private static RealGateway gateway;

  @BeforeAll
  static void start() {
    gateway =
        new RealGateway(
            data, Map.of("AUDIO_STORAGE_PATH", data.resolve("audio-sessions").toString()));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static String transcribed(String query, byte[] pcm) throws InterruptedException {
    try (WebSocketClient client =
        WebSocketClient.connect(gateway.server().ws("/api/ws/audio" + query))) {
      for (int at = 0; at < pcm.length; at += 4096) {
        client.send(Arrays.copyOfRange(pcm, at, Math.min(pcm.length, at + 4096)));
        assertThat(json(client.next()).get("status").asString()).isEqualTo("active");
      }
      client.send("{\"type\": \"control\", \"action\": \"close_session\"}");
      String id = json(client.next()).get("session_id").asString();
      await().until(() -> gateway.hasEnded(id));
      return id;
    }
  }

  private static byte[] raw(HumanCall call) {
    ByteBuffer bytes = ByteBuffer.allocate(call.pcm().length * 2).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(call.pcm());
    return bytes.array();
  }

  @Test
  void theHumanRecordingsAreTranscribedWhileTheyAreKept() throws Exception {
    int errors = 0;
    int words = 0;
    for (HumanCall call : HumanCall.all()) {
      String id = transcribed("?sample_rate=8000&transcribe=true&user_id=u1", raw(call));
      errors += call.errors(gateway.text(id));
      words += call.words().size();
      assertThat(data.resolve("audio-sessions").resolve(id + ".wav"))
          .hasSize(44 + 2L * call.pcm().length);
    }
    LOG.info("audio sessions at 8 kHz: {} errors in {} words", errors, words);
    assertThat(words).isEqualTo(132);
    assertThat(errors).isLessThanOrEqualTo(HumanRecording.MOST_ERRORS);
  }

  @Test
  void aWavFileIsTranscribedFromASessionOfAnotherRate() throws Exception {
    HumanCall call = HumanCall.named("phone-george-1.wav");
    byte[] wav = HumanRecording.named(call.name()).wav();
    String id = transcribed("?sample_rate=44100&transcribe=true", wav);
    assertThat(call.errors(gateway.text(id))).isLessThanOrEqualTo(1);
    assertThat(gateway.pipeline().find(new SessionId(id)).orElseThrow().kind())
        .isEqualTo("audio-session");
  }

  @Test
  void theTwoChannelsOfACallAreTwoLegsOfOneTranscript() throws Exception {
    HumanCall left = HumanCall.named("phone-george-1.wav");
    HumanCall right = HumanCall.named("phone-theo-1.wav");
    int frames = Math.max(left.pcm().length, right.pcm().length);
    ByteBuffer stereo = ByteBuffer.allocate(frames * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < frames; i++) {
      stereo.putShort(i < left.pcm().length ? left.pcm()[i] : 0);
      stereo.putShort(i < right.pcm().length ? right.pcm()[i] : 0);
    }
    String id = transcribed("?sample_rate=8000&channels=2&transcribe=true", stereo.array());
    assertThat(left.errors(spoken(id, "caller"))).isLessThanOrEqualTo(1);
    assertThat(right.errors(spoken(id, "callee"))).isLessThanOrEqualTo(1);
  }

  private static String spoken(String id, String leg) {
    StringBuilder text = new StringBuilder();
    for (Segment segment : gateway.segments(id)) {
      if (segment.leg().equals(leg)) {
        text.append(segment.text()).append(' ');
      }
    }
    return text.toString();
  }
}
