package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.files.Form;
import org.linescribe.api.socketio.NodeClient;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.Segment;
import org.linescribe.testsupport.HumanRecording;

/** A client of every API chooses the model, and hears of one that is not there. */
class ModelChoiceTest {
  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();
  @TempDir private static Path folder;

  private static final String GENERAL = RealGateway.GENERAL;
  private static final HumanCall CALL = HumanCall.named("pin-jackson-1.wav");

  private static byte[] wav() {
    return HumanRecording.named(CALL.name()).wav();
  }

  private static void sendPcm(WebSocketClient client) {
    byte[] pcm = SttPipelineTest.pcm(CALL, 8000, 0);
    for (int at = 0; at < pcm.length; at += 3200) {
      client.send(Arrays.copyOfRange(pcm, at, Math.min(pcm.length, at + 3200)));
    }
  }

  private static void assertRecognisedBy(String model, String id) {
    await().until(() -> GATEWAY.gateway().hasEnded(id));
    assertThat(GATEWAY.gateway().segments(id))
        .isNotEmpty()
        .extracting(Segment::model)
        .containsOnly(model);
  }

  @Test
  void ofAnAudioSession() throws Exception {
    String audio = "/api/ws/audio?sample_rate=8000&transcribe=true";
    try (WebSocketClient client =
        WebSocketClient.connect(GATEWAY.ws(audio + "&language=en-US&model=" + GENERAL))) {
      sendPcm(client);
      client.send("{\"type\": \"control\", \"action\": \"close_session\"}");
      String id = json(client.next()).get("session_id").asString();
      assertRecognisedBy(GENERAL, id);
      assertThat(json(HttpAnswers.get(GATEWAY.http("/api/audio/sessions/" + id))).get("model"))
          .hasToString("\"" + GENERAL + "\"");
    }
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws(audio + "&model=nonsense"))) {
      assertThat(json(client.next()).get("error").asString())
          .contains("model: expected one of telephony-digits-en, " + GENERAL);
      assertThat(client.closed().code()).isEqualTo(1008);
    }
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws(audio + "&language=fr"))) {
      assertThat(json(client.next()).get("error").asString()).contains("language: expected one of");
      assertThat(client.closed().code()).isEqualTo(1008);
    }
  }

  @Test
  void ofASocketIoClient() throws Exception {
    Path file = Files.write(folder.resolve("speech.wav"), wav());
    Map<String, Object> auth = Map.of("session_id", "by-socketio", "model", GENERAL);
    try (NodeClient client = socketIo(file, auth).finish()) {
      assertThat(client.events("result_file_path")).hasSize(1);
    }
    assertRecognisedBy(GENERAL, "by-socketio");
    try (NodeClient client = socketIo(file, Map.of("model", "nonsense")).finish()) {
      assertThat(client.awaitLine("connect_error").path("connect_error").asString())
          .contains("model: expected one of");
    }
  }

  private static NodeClient socketIo(Path file, Map<String, Object> auth) throws Exception {
    return new NodeClient(
        folder,
        GATEWAY.http(""),
        Map.of("file", file.toString(), "then", "stop", "options", Map.of("auth", auth)));
  }

  @Test
  void ofAnUpload() throws Exception {
    HttpResponse<String> accepted =
        new Form()
            .audio("a.wav", wav())
            .field("model", GENERAL)
            .field("language", "fr")
            .field("include_insights", "false")
            .field("include_translation", "false")
            .post(GATEWAY.http("/audio/process"));
    String id = json(accepted).get("task_id").asString();
    assertRecognisedBy(GENERAL, id);
    await()
        .untilAsserted(
            () ->
                assertThat(HttpAnswers.get(GATEWAY.http("/audio/task/" + id)).body())
                    .contains("language: not one of model " + GENERAL));

    HttpResponse<String> refused =
        new Form()
            .audio("a.wav", wav())
            .field("model", "nonsense")
            .post(GATEWAY.http("/audio/process"));
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(json(refused).get("error").asString()).startsWith("model: expected one of");
  }

  @ParameterizedTest
  @CsvSource({"moonshine-tiny-en, moonshine-tiny-en", "nova-3, telephony-digits-en"})
  void ofDeepgramsClients(String asked, String served) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(GATEWAY.http("/v1/listen?session_id=dg-" + asked + "&model=" + asked)))
            .POST(HttpRequest.BodyPublishers.ofByteArray(wav()))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(json(answer).at("/metadata/models/0").asString()).isEqualTo(served);
    }
    assertRecognisedBy(served, "dg-" + asked);

    try (WebSocketClient client =
        WebSocketClient.connect(
            GATEWAY.ws(
                "/v1/listen?encoding=linear16&sample_rate=8000&session_id=dgl-"
                    + asked
                    + "&model="
                    + asked))) {
      sendPcm(client);
      client.send("{\"type\":\"CloseStream\"}");
      assertThat(client.closed().code()).isEqualTo(1000);
    }
    assertRecognisedBy(served, "dgl-" + asked);
  }

  @ParameterizedTest
  @CsvSource({"moonshine-tiny-en, moonshine-tiny-en", "whisper-1, telephony-digits-en"})
  void ofOpenAisClients(String asked, String served) throws Exception {
    HttpResponse<String> answer =
        new Form()
            .file("file", "a.wav", wav())
            .field("model", asked)
            .field("session_id", "oa-" + asked)
            .post(GATEWAY.http("/v1/audio/transcriptions"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertRecognisedBy(served, "oa-" + asked);

    try (WebSocketClient client =
        WebSocketClient.connect(
            GATEWAY.ws("/v1/realtime?intent=transcription&session_id=oar-" + asked))) {
      client.send(
          """
          {"type":"session.update","session":{"type":"transcription","audio":{"input":{
          "format":{"type":"audio/pcmu"},"transcription":{"model":"%s"}}}}}
          """
              .formatted(asked));
      client.send(
          "{\"type\":\"input_audio_buffer.append\",\"audio\":\""
              + Base64.getEncoder().encodeToString(CALL.g711WithSilence(G711Law.PCMU, 1500))
              + "\"}");
      await().until(() -> !GATEWAY.gateway().segments("oar-" + asked).isEmpty());
    }
    assertRecognisedBy(served, "oar-" + asked);
  }

  @Test
  void ofVosksClients() {
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/vosk?session_id=by-vosk"))) {
      client.send("{\"config\":{\"sample_rate\":8000,\"model\":\"" + GENERAL + "\"}}");
      sendPcm(client);
      client.send("{\"eof\" : 1}");
      assertThat(client.closed().code()).isEqualTo(1000);
    }
    assertRecognisedBy(GENERAL, "by-vosk");
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/vosk"))) {
      client.send("{\"config\":{\"model\":\"nonsense\"}}");
      client.send(new byte[320]);
      assertThat(client.closed().code()).isEqualTo(1008);
      assertThat(client.closed().reason()).contains("model: expected one of");
    }
  }

  @ParameterizedTest
  @CsvSource({"moonshine-tiny-en, moonshine-tiny-en", "nonsense, telephony-digits-en"})
  void ofAForkedCall(String asked, String served) {
    String id = "fork-" + asked;
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/ws/media-streams"))) {
      client.send(
          """
          {"event":"start","start":{"streamSid":"MZ1","callSid":"%s","tracks":["inbound"],
          "mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},
          "customParameters":{"model":"%s"}},"streamSid":"MZ1"}
          """
              .formatted(id, asked));
      byte[] audio = CALL.g711(G711Law.PCMU);
      for (int at = 0; at < audio.length; at += 160) {
        client.send(
            """
            {"event":"media","media":{"track":"inbound","timestamp":"%d","payload":"%s"},
            "streamSid":"MZ1"}
            """
                .formatted(
                    at / 8,
                    Base64.getEncoder()
                        .encodeToString(
                            Arrays.copyOfRange(audio, at, Math.min(audio.length, at + 160)))));
      }
      client.send("{\"event\":\"stop\",\"stop\":{\"callSid\":\"" + id + "\"}}");
      assertThat(client.closed().code()).isEqualTo(1000);
    }
    assertRecognisedBy(served, id);
  }
}
