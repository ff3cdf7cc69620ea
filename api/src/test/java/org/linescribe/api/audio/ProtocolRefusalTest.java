package org.linescribe.api.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.files.Form;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.testsupport.HumanRecording;
import tools.jackson.databind.JsonNode;

/** What clients of other systems are told by a gateway that does not take their session. */
class ProtocolRefusalTest {
  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, java.util.Map.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static void refuse(SessionRefusedException.Reason reason) {
    sessions.refuse(new SessionRefusedException(reason, "why", Duration.ofSeconds(30)));
  }

  private static Arguments socket(String name, String path, Object... first) {
    return Arguments.of(name, path, List.of(first));
  }

  private static String start(String members) {
    return "{\"event\":\"start\",\"start\":{" + members.replace('\'', '"') + "}}";
  }

  static Stream<Arguments> sockets() {
    String streams = "/ws/media-streams";
    return Stream.of(
        socket("Twilio", streams, start("'callSid':'CA1','tracks':['inbound']")),
        socket("Telnyx", streams, start("'call_control_id':'v3','media_format':{}")),
        socket("Plivo", streams, start("'callId':'p','mediaFormat':{}")),
        socket("SignalWire", streams, start("'callSid':'s'")),
        socket("Exotel", streams, start("'call_sid':'e'")),
        socket("Vonage", streams, "{\"content-type\":\"audio/l16;rate=16000\"}"),
        socket("jambonz", streams, "{\"sampleRate\":8000,\"mixType\":\"stereo\"}"),
        socket("mod_audio_fork", streams + "/fork?sample_rate=16000", "metadata"),
        socket("mod_audio_stream", streams + "/stream", new byte[320]),
        socket("chan_websocket", streams, "MEDIA_START connection_id:c1 format:ulaw"),
        socket("Deepgram", "/v1/listen?encoding=mulaw&sample_rate=8000"),
        socket("vosk", "/vosk", "{\"config\":{\"sample_rate\":8000}}", new byte[320]),
        socket(
            "OpenAI",
            "/v1/realtime",
            "{\"type\":\"input_audio_buffer.append\",\"audio\":\"AAA=\"}"),
        socket("WhisperLive", "/whisperlive", "{\"uid\":\"w1\"}"));
  }

  @ParameterizedTest
  @MethodSource("sockets")
  void ofASocketSaysWhyAndWhenToComeAgain(String name, String path, List<Object> first) {
    refuse(SessionRefusedException.Reason.OVERLOADED);
    try (WebSocketClient client = WebSocketClient.connect(server.ws(path))) {
      send(client, first);
      assertThat(client.closed())
          .isEqualTo(new WebSocketClient.Closed(1013, "overloaded: why; retry after 30 s"));
      List<JsonNode> told = client.received().stream().map(text -> json(text)).toList();
      switch (name) {
        case "Deepgram" -> {
          assertThat(told.getLast().get("type").asString()).isEqualTo("Error");
          assertThat(told.getLast().get("description").asString()).contains("overloaded");
        }
        case "OpenAI" -> {
          assertThat(told.getLast().get("type").asString()).isEqualTo("error");
          assertThat(told.getLast().at("/error/type").asString()).isEqualTo("server_error");
        }
        case "WhisperLive" -> {
          assertThat(told.getLast().get("uid").asString()).isEqualTo("w1");
          assertThat(told.getLast().get("status").asString()).isEqualTo("WAIT");
          assertThat(told.getLast().get("message").asDouble()).isCloseTo(0.5, within(0.001));
        }
        default -> assertThat(told).as("its clients know no message for it").isEmpty();
      }
    }
    for (SessionRefusedException.Reason reason : SessionRefusedException.Reason.values()) {
      refuse(reason);
      try (WebSocketClient client = WebSocketClient.connect(server.ws(path))) {
        send(client, first);
        assertThat(client.closed().code())
            .as("%s: %s", name, reason)
            .isEqualTo(
                switch (reason) {
                  case OVERLOADED, STORE_UNAVAILABLE -> 1013;
                  case DRAINING -> 1001;
                  case UNSUPPORTED -> 1008;
                  case CONFLICT -> 4009;
                });
      }
    }
  }

  private static void send(WebSocketClient client, List<Object> messages) {
    for (Object message : messages) {
      if (message instanceof byte[] binary) {
        client.send(binary);
      } else {
        client.send(String.valueOf(message));
      }
    }
  }

  @Test
  void ofAFileSaysItInTheProtocolsWords() throws Exception {
    refuse(SessionRefusedException.Reason.OVERLOADED);
    byte[] audio = new byte[16_000];
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> deepgram =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(server.http("/v1/listen?encoding=linear16&sample_rate=8000")))
                  .POST(HttpRequest.BodyPublishers.ofByteArray(audio))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(deepgram.statusCode()).isEqualTo(503);
      assertThat(deepgram.headers().firstValue("Retry-After")).hasValue("30");
      assertThat(json(deepgram.body()).has("err_code")).isTrue();
    }
    HttpResponse<String> openAi =
        new Form()
            .field("model", "whisper-1")
            .file("file", "a.wav", HumanRecording.named("pin-jackson-1.wav").wav())
            .post(server.http("/v1/audio/transcriptions"));
    assertThat(openAi.statusCode()).as(openAi.body()).isEqualTo(503);
    assertThat(openAi.headers().firstValue("Retry-After")).hasValue("30");
    assertThat(json(openAi.body()).at("/error/message").asString()).isNotEmpty();
  }
}
