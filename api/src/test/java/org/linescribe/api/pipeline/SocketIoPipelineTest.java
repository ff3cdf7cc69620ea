package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.socketio.NodeClient;
import org.linescribe.testsupport.HumanRecording;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Human speech by socket.io-client, and its words back to it and to all who may ask. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketIoPipelineTest {
  private static final Logger LOG = LoggerFactory.getLogger(SocketIoPipelineTest.class);

  @TempDir private static Path data;
  private static RealGateway gateway;

  @BeforeAll
  static void start() {
    gateway =
        new RealGateway(
            data,
            Map.of("linescribe.socketio.storage-path", data.resolve("recordings").toString()));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  /** A client that sends a file, asks for the end of the recording, and leaves. */
  private static NodeClient client(Path audio, Map<String, Object> auth, Map<String, Object> plan)
      throws Exception {
    Map<String, Object> whole = new HashMap<>(plan);
    whole.put("file", audio.toString());
    whole.put("then", "stop");
    whole.put("options", Map.of("auth", auth));
    return new NodeClient(data, gateway.server().http(""), whole);
  }

  private static Path raw(HumanCall call) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(call.pcm().length * 2).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(call.pcm());
    return Files.write(data.resolve(call.name() + ".pcm"), bytes.array());
  }

  private static List<JsonNode> finals(List<JsonNode> transcripts) {
    return transcripts.stream()
        .filter(event -> event.path("type").asString().equals("final"))
        .toList();
  }

  private static String text(List<JsonNode> finals) {
    return finals.stream().map(one -> one.path("text").asString()).collect(Collectors.joining(" "));
  }

  @Test
  void theClientHearsTheWordsOfEveryHumanRecordingBeforeItsFile() throws Exception {
    int errors = 0;
    int words = 0;
    for (HumanCall call : HumanCall.all()) {
      Map<String, Object> auth = Map.of("session_id", call.name(), "sample_rate", 8000);
      try (NodeClient client = client(raw(call), auth, Map.of()).finish()) {
        assertThat(client.events("result_file_path")).as(call.name()).hasSize(1);
        List<JsonNode> heard = finals(client.events("transcript"));
        errors += call.errors(text(heard));
        words += call.words().size();
        assertThat(text(heard)).isEqualTo(gateway.text(call.name()));
        String url = client.events("result_file_path").getFirst().path("file_url").asString();
        assertThat(HttpAnswers.get(url).headers().firstValueAsLong("Content-Length"))
            .hasValue(44 + 2L * call.pcm().length);
      }
    }
    LOG.info("Socket.IO at 8 kHz: {} errors in {} words", errors, words);
    assertThat(words).isEqualTo(132);
    assertThat(errors).isLessThanOrEqualTo(HumanRecording.MOST_ERRORS);
  }

  @Test
  void aSessionIsListedAndItsSubscribersReadWhatTheClientHears() throws Exception {
    HumanCall call = HumanCall.named("card-george-2.wav");
    Path wav = HumanRecording.named(call.name()).file();
    // The WAV file itself, at another rate than the recording's, five times as fast as speech.
    try (NodeClient client =
        client(wav, Map.of("session_id", "listed"), Map.of("chunkBytes", 1600, "paceMs", 20))) {
      client.awaitEvents("response", 2);
      List<JsonNode> read = new ArrayList<>();
      try (WebSocketClient reader =
          WebSocketClient.connect(
              gateway.server().ws("/ws/subscribe/listed?wait=true&from_seq=1"))) {
        client.finish();
        await().until(() -> gateway.hasEnded("listed"));
        List<JsonNode> heard = finals(client.events("transcript"));
        assertThat(heard).isNotEmpty();
        assertThat(call.errors(text(heard))).isLessThanOrEqualTo(2);
        while (read.size() < heard.size()) {
          JsonNode message = json(reader.next());
          if (message.path("type").asString().equals("final")) {
            read.add(message);
          }
        }
        assertThat(read).isEqualTo(heard);
      }
    }
    JsonNode sessions = json(HttpAnswers.get(gateway.server().http("/sessions")));
    JsonNode listed =
        StreamSupport.stream(sessions.path("sessions").spliterator(), false)
            .filter(one -> one.path("session_id").asString().equals("listed"))
            .findFirst()
            .orElseThrow(() -> new AssertionError(sessions.toString()));
    assertThat(listed.path("kind").asString()).as(listed.toString()).isEqualTo("socketio");
  }
}
