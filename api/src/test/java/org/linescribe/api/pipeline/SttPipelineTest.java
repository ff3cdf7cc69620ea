package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.resample.Resampler;
import org.linescribe.session.Segment;
import org.linescribe.testsupport.HumanRecording;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

class SttPipelineTest {
  private static final Logger LOG = LoggerFactory.getLogger(SttPipelineTest.class);

  @TempDir private static Path data;
  private static RealGateway gateway;

  @BeforeAll
  static void startGateway() {
    gateway = new RealGateway(data);
  }

  @AfterAll
  static void stopGateway() {
    gateway.close();
  }

  private static WebSocketClient connect(String query) {
    return WebSocketClient.connect(gateway.server().ws("/stt/stream?" + query));
  }

  /** The recording as a microphone of another rate would have taken it. */
  static byte[] pcm(HumanCall call, int rate, int silenceMs) {
    short[] narrow = Arrays.copyOf(call.pcm(), call.pcm().length + silenceMs * 8);
    short[] samples = narrow;
    if (rate != 8000) {
      Resampler up = new Resampler(8000, rate);
      short[] out = new short[up.maxOutput(narrow.length) + up.maxOutput(0)];
      int written = up.process(narrow, 0, narrow.length, out, 0);
      written += up.drain(out, written);
      samples = Arrays.copyOf(out, written);
    }
    ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(samples);
    return bytes.array();
  }

  private static void send(WebSocketClient client, byte[] pcm, int frameBytes) {
    for (int at = 0; at < pcm.length; at += frameBytes) {
      client.send(Arrays.copyOfRange(pcm, at, Math.min(pcm.length, at + frameBytes)));
    }
  }

  private static List<JsonNode> finals(WebSocketClient client) {
    return client.received().stream()
        .map(message -> json(message))
        .filter(message -> message.path("is_final").asBoolean(false))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"8000, 320", "16000, 1024", "22050, 1023", "44100, 4096", "48000, 1920"})
  void transcribesTheHumanRecordingsAtEveryRate(int rate, int frameBytes)
      throws IOException, InterruptedException {
    int errors = 0;
    int words = 0;
    int told = 0;
    long countedBefore = finalsCounted();
    for (HumanCall call : HumanCall.all()) {
      String id = call.name() + "-" + rate;
      try (WebSocketClient client = connect("sample_rate=" + rate + "&session_id=" + id)) {
        send(client, pcm(call, rate, 0), frameBytes);
        client.send("{\"type\":\"end\"}");
        assertThat(client.closed().code()).isEqualTo(1000);
        List<JsonNode> finals = finals(client);
        String heard =
            String.join(" ", finals.stream().map(node -> node.get("text").asString()).toList());
        assertThat(heard).isEqualTo(gateway.text(id));
        assertThat(finals)
            .allSatisfy(node -> assertThat(node.get("confidence").asDouble()).isBetween(0.01, 1.0));
        errors += call.errors(heard);
        told += finals.size();
      }
      words += call.words().size();
    }
    LOG.info("/stt/stream at {} Hz: {} errors in {} words", rate, errors, words);
    assertThat(words).isEqualTo(132);
    assertThat(errors).isLessThanOrEqualTo(HumanRecording.MOST_ERRORS);
    assertThat(finalsCounted() - countedBefore).isEqualTo(told);
  }

  private static long finalsCounted() throws IOException, InterruptedException {
    return json(HttpAnswers.get(gateway.server().http("/streaming/stats"))).get("finals").asLong();
  }

  @Test
  void finalizesInMidStreamAndGoesOnAtTheNextNumber() throws InterruptedException {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    byte[] pcm = pcm(call, 44_100, 300);
    try (WebSocketClient client = connect("sample_rate=44100&session_id=finalize")) {
      send(client, pcm, 2000);
      client.send("{\"type\":\"finalize\"}");
      JsonNode message = json(client.next());
      while (!message.get("type").asString().equals("finalized")) {
        message = json(client.next());
      }
      int before = finals(client).size();
      assertThat(before).isPositive();
      assertThat(message.get("next_seq").asLong()).isEqualTo(before + 1);
      send(client, pcm, 2000);
      client.send("{\"type\":\"end\"}");
      assertThat(client.closed().code()).isEqualTo(1000);
      List<JsonNode> all = finals(client);
      assertThat(all)
          .extracting(node -> node.get("seq").asLong())
          .containsExactlyElementsOf(LongStream.rangeClosed(1, all.size()).boxed().toList());
      HumanCall twice =
          new HumanCall(
              "twice",
              java.util.stream.Stream.concat(call.words().stream(), call.words().stream()).toList(),
              call.pcm());
      assertThat(twice.errors(gateway.text("finalize"))).isLessThanOrEqualTo(2);
    }
  }

  private static double audioSeconds(String id) throws IOException, InterruptedException {
    JsonNode stats = json(HttpAnswers.get(gateway.server().http("/streaming/stats")));
    return stats
        .get("sessions")
        .valueStream()
        .filter(session -> session.get("session_id").asString().equals(id))
        .findFirst()
        .orElseThrow()
        .get("audio_seconds")
        .asDouble();
  }

  @Test
  void resumesByItsSessionIdAndIsVisibleToReaders() throws IOException, InterruptedException {
    HumanCall call = HumanCall.named("phone-george-1.wav");
    byte[] pcm = pcm(call, 16_000, 0);
    int cut = pcm.length / 4 * 2;
    String id;
    List<JsonNode> read = new ArrayList<>();
    try (WebSocketClient first = connect("sample_rate=16000")) {
      id = json(first.next()).get("session_id").asString();
      send(first, Arrays.copyOfRange(pcm, 0, cut), 640);
      // A connection that goes takes with it what the API has not read.
      await().until(() -> Math.round(audioSeconds(id) * 16_000) >= cut / 2);
      await()
          .until(() -> first.received().stream().anyMatch(text -> text.contains("transcription")));
      first.abort();
    }
    await().until(() -> gateway.hasEnded(id));
    int before = gateway.segments(id).size();
    try (WebSocketClient second = connect("sample_rate=16000&session_id=" + id);
        WebSocketClient reader =
            WebSocketClient.connect(
                gateway.server().ws("/ws/subscribe/" + id + "?wait=true&from_seq=1"))) {
      JsonNode started = json(second.next());
      assertThat(started.get("session_id").asString()).isEqualTo(id);
      assertThat(started.get("resumed").asBoolean()).isTrue();
      assertThat(started.get("next_seq").asLong()).isEqualTo(before + 1);
      send(second, Arrays.copyOfRange(pcm, cut, pcm.length), 640);
      second.send("{\"type\":\"end\"}");
      assertThat(second.closed().code()).isEqualTo(1000);
      int all = gateway.segments(id).size();
      while (read.size() < all) {
        JsonNode message = json(reader.next());
        if (message.get("type").asString().equals("final")) {
          read.add(message);
        }
      }
    }
    assertThat(read)
        .extracting(message -> message.get("text").asString())
        .isEqualTo(gateway.segments(id).stream().map(Segment::text).toList());
    assertThat(call.errors(gateway.text(id))).isLessThanOrEqualTo(3);
  }
}
