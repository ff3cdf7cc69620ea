package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.files.Form;
import org.linescribe.testsupport.HumanRecording;
import tools.jackson.databind.JsonNode;

/**
 * A model without word times and probabilities: every protocol leaves out what it has a field for.
 * The tests of the protocols show that the fields are filled where the model gives them.
 */
class ProtocolWordsTest {
  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();

  private static final HumanCall CALL = HumanCall.named("pin-jackson-1.wav");
  private static final String MODEL = "model=" + RealGateway.GENERAL;

  private static List<JsonNode> messages(WebSocketClient client) {
    return client.received().stream().map(text -> json(text)).toList();
  }

  private static byte[] pcm() {
    return SttPipelineTest.pcm(CALL, 8000, 0);
  }

  /** The model writes digits or words; that it heard something is enough. */
  private static void assertSaid(String text) {
    assertThat(text).as("what was said").isNotBlank();
  }

  private static JsonNode post(String path, String type, byte[] body) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(GATEWAY.http(path)))
                  .header("Content-Type", type)
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return json(answer.body());
    }
  }

  @Test
  void ofDeepgramHaveNoTimesAndNoConfidence() throws Exception {
    try (WebSocketClient client =
        WebSocketClient.connect(
            GATEWAY.ws("/v1/listen?encoding=linear16&sample_rate=8000&" + MODEL))) {
      client.send(pcm());
      client.send("{\"type\":\"CloseStream\"}");
      assertThat(client.closed().code()).isEqualTo(1000);
      List<JsonNode> finals =
          messages(client).stream()
              .filter(message -> message.path("is_final").asBoolean(false))
              .toList();
      assertThat(finals).isNotEmpty().allSatisfy(ProtocolWordsTest::assertNothingInvented);
    }
    JsonNode file = post("/v1/listen?" + MODEL, "audio/wav", wav());
    JsonNode said = file.at("/results/channels/0/alternatives/0");
    assertSaid(said.get("transcript").asString());
    assertThat(said.has("confidence")).isFalse();
    assertThat(said.get("words")).isEmpty();
  }

  private static void assertNothingInvented(JsonNode result) {
    JsonNode said = result.at("/channel/alternatives/0");
    assertSaid(said.get("transcript").asString());
    assertThat(said.has("confidence")).isFalse();
    assertThat(said.get("words")).isEmpty();
  }

  private static byte[] wav() {
    return HumanRecording.named(CALL.name()).wav();
  }

  @Test
  void ofVoskHaveNoResult() throws Exception {
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/vosk?" + MODEL))) {
      client.send("{\"config\":{\"sample_rate\":8000,\"words\":true}}");
      client.send(pcm());
      client.send("{\"eof\" : 1}");
      assertThat(client.closed().code()).isEqualTo(1000);
      JsonNode last = messages(client).getLast();
      assertSaid(last.get("text").asString());
      assertThat(last.has("result")).isFalse();
    }
  }

  @Test
  void ofWhisperLiveHaveNoWords() throws Exception {
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/whisperlive?" + MODEL))) {
      client.send("{\"uid\":\"no-words\",\"audio_format\":\"int16\",\"word_timestamps\":true}");
      client.send(SttPipelineTest.pcm(CALL, 16_000, 0));
      client.send("END_OF_AUDIO".getBytes(StandardCharsets.US_ASCII));
      assertThat(client.closed().code()).isEqualTo(1000);
      JsonNode last = messages(client).getLast().get("segments").get(0);
      assertSaid(last.get("text").asString());
      assertThat(last.has("words")).isFalse();
    }
  }

  @Test
  void ofOpenAiHaveNoTimesAndNoProbability() throws Exception {
    HttpResponse<String> answer =
        new Form()
            .field("model", RealGateway.GENERAL)
            .field("response_format", "verbose_json")
            .field("timestamp_granularities[]", "word")
            .field("timestamp_granularities[]", "segment")
            .file("file", "a.wav", wav())
            .post(GATEWAY.http("/v1/audio/transcriptions"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode said = json(answer.body());
    assertSaid(said.get("text").asString());
    assertThat(said.path("words").isMissingNode() || said.get("words").isEmpty()).isTrue();
    assertThat(said.get("segments"))
        .isNotEmpty()
        .allSatisfy(
            segment ->
                assertThat(segment.propertyNames())
                    .doesNotContain(
                        "avg_logprob", "no_speech_prob", "compression_ratio", "temperature"));
  }

  @Test
  void ofOpenAisSessionHaveNoProbabilities() throws Exception {
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/v1/realtime?" + MODEL))) {
      client.send(
          "{\"type\":\"session.update\",\"session\":{\"type\":\"transcription\",\"audio\":{"
              + "\"input\":{\"format\":{\"type\":\"audio/pcm\",\"rate\":8000},"
              + "\"turn_detection\":null}}}}");
      client.send(
          "{\"type\":\"input_audio_buffer.append\",\"audio\":\""
              + Base64.getEncoder().encodeToString(pcm())
              + "\"}");
      client.send("{\"type\":\"input_audio_buffer.commit\"}");
      JsonNode event = json(client.next());
      while (!event.get("type").asString().endsWith("transcription.completed")) {
        event = json(client.next());
      }
      assertSaid(event.get("transcript").asString());
      assertThat(event.has("logprobs")).isFalse();
    }
  }

  /** One channel that is asked for as two, or two that are one: legs are those that came. */
  @Test
  void ofOneChannelAreOfOneLeg() throws Exception {
    JsonNode mono = post("/v1/listen?session_id=mono-file", "audio/wav", wav());
    assertThat(mono.at("/results/channels")).hasSize(1);
    assertThat(GATEWAY.gateway().segments("mono-file"))
        .isNotEmpty()
        .allMatch(segment -> segment.leg().equals("caller"));
    byte[] left = pcm();
    byte[] both = new byte[2 * left.length];
    for (int at = 0; at < left.length; at += 2) {
      System.arraycopy(left, at, both, 2 * at, 2);
      System.arraycopy(left, at, both, 2 * at + 2, 2);
    }
    JsonNode mixed =
        post(
            "/v1/listen?encoding=linear16&sample_rate=8000&channels=2&session_id=mixed-file",
            "application/octet-stream",
            both);
    assertThat(mixed.at("/results/channels")).hasSize(1);
    String text = mixed.at("/results/channels/0/alternatives/0/transcript").asString();
    assertThat(CALL.errors(text.toUpperCase(Locale.ROOT))).isLessThanOrEqualTo(1);
    assertThat(Stream.of("mono-file", "mixed-file").map(GATEWAY.gateway()::text).distinct())
        .as("the same words")
        .hasSize(1);
    assertThat(Arrays.asList(GATEWAY.text("mixed-file", "callee"))).containsExactly("");
  }
}
