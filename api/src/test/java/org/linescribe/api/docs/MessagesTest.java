package org.linescribe.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.docs.DocumentedServer.post;
import static org.linescribe.api.docs.DocumentedServer.settings;
import static org.linescribe.api.docs.DocumentedServer.wav;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import tools.jackson.databind.JsonNode;

/** What the sockets of the running server say, held against the documents that it serves. */
class MessagesTest {
  @TempDir private static Path folder;
  private static FakeSessions sessions;
  private static ApiServer server;
  private static Document http;
  private static Document events;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, settings(folder, "open"));
    http = Document.of(server, "/openapi.json");
    events = Document.of(server, "/asyncapi.json");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static void messagesHold(String address, List<String> messages) {
    assertThat(messages).isNotEmpty();
    messages.forEach(message -> events.messageHolds(address, json(message)));
  }

  /** Socket.IO's packets by hand: what they carry is an event's name and its payload. */
  @Test
  void areAsDocumentedInTheSocketIoNamespace() throws Exception {
    String event = "42/streaming,";
    try (WebSocketClient client =
        WebSocketClient.connect(
            server.ws("/socket.io/?EIO=4&transport=websocket&format=pcm16&session_id=socket"))) {
      client.send("40/streaming,");
      await().until(() -> client.received().stream().anyMatch(text -> text.startsWith(event)));
      client.send("451-/streaming,[\"audio_chunk\",{\"chunk\":{\"_placeholder\":true,\"num\":0}}]");
      client.send(new byte[3200]);
      await().until(() -> client.received().toString().contains("received chunk"));
      sessions.session("socket").hears("one");
      sessions.session("socket").ends("one two");
      client.send(event + "[\"audio_chunk\",{\"chunk\":\"no bytes\"}]");
      client.send(event + "[\"stop_recording\"]");
      await().until(() -> client.received().toString().contains("result_file_path"));
      List<JsonNode> told =
          client.received().stream()
              .filter(text -> text.startsWith(event))
              .map(text -> json(text.substring(event.length())))
              .toList();
      assertThat(told)
          .extracting(packet -> packet.get(0).asString())
          .contains("response", "transcript", "error", "result_file_path");
      for (JsonNode packet : told) {
        JsonNode message =
            events.root().at("/channels/socketIo/messages/" + packet.get(0).asString());
        events.holds(
            packet.get(0).asString(), events.follow(message).get("payload"), packet.get(1));
      }
    }
  }

  @Test
  void areAsDocumentedOnTheTranscribeSocket() throws Exception {
    FakeSession session = sessions.session("transcribed");
    try (WebSocketClient source =
        WebSocketClient.connect(
            server.ws("/ws/transcribe/transcribed?codec=pcmu&audio_from=0&audio_sent=0"))) {
      source.next();
      source.send(new byte[160]);
      source.next();
      session.hears("one");
      session.ends("one two");
      await()
          .until(() -> source.received().stream().anyMatch(message -> message.contains("final")));
      messagesHold("/ws/transcribe/{session_id}", source.received());
    }
  }

  @Test
  void areAsDocumentedOnTheSubscribeSocket() throws Exception {
    FakeSession session = sessions.session("subscribed");
    session.ends("one");
    try (WebSocketClient reader =
        WebSocketClient.connect(server.ws("/ws/subscribe/subscribed?wait=true"))) {
      reader.next();
      session.hears("tw");
      session.ends("two");
      session.pressed('#');
      session.announceEnd("disconnect");
      await()
          .until(() -> reader.received().stream().anyMatch(message -> message.contains("ended")));
      messagesHold("/ws/subscribe/{session_id}", reader.received());
    }
  }

  @Test
  void areAsDocumentedOnTheSpeechToTextSocket() throws Exception {
    FakeSession session = sessions.session("spoken");
    try (WebSocketClient source =
        WebSocketClient.connect(server.ws("/stt/stream?session_id=spoken&provider=google"))) {
      source.next();
      source.send(new byte[640]);
      session.hears("one");
      session.ends("one two");
      source.send("{\"type\":\"keepalive\"}");
      source.send("{\"type\":\"finalize\"}");
      source.send("{\"type\":\"odd\"}");
      source.send("no json");
      source.send("{\"type\":\"end\"}");
      assertThat(source.closed().code()).isEqualTo(1000);
      messagesHold("/stt/stream", source.received());
      assertThat(String.join(" ", source.received()))
          .contains("session_started", "transcription", "finalized", "session_ended", "error");
    }
    try (WebSocketClient refused =
        WebSocketClient.connect(server.ws("/stt/stream?sample_rate=11025"))) {
      assertThat(refused.closed().code()).isEqualTo(1008);
      messagesHold("/stt/stream", refused.received());
    }
  }

  @Test
  void areAsDocumentedForAnAudioSession() throws Exception {
    String id;
    try (WebSocketClient first =
        WebSocketClient.connect(server.ws("/api/ws/audio?sample_rate=16000&user_id=user123"))) {
      first.send(wav());
      id = json(first.next()).get("session_id").asString();
      first.send("{\"type\":\"control\",\"action\":\"odd\"}");
      first.send("no json");
      first.next();
      first.next();
      http.holds(
          "get", "/api/audio/sessions/{session_id}", get(server.http("/api/audio/sessions/" + id)));
      http.holds("get", "/api/audio/sessions", get(server.http("/api/audio/sessions?status=all")));
      try (WebSocketClient second = WebSocketClient.connect(server.ws("/api/ws/audio/" + id))) {
        second.send(new byte[3200]);
        second.next();
        messagesHold("/api/ws/audio/{session_id}", second.received());
        HttpResponse<String> closed = post(server, "/api/audio/sessions/" + id + "/close");
        assertThat(closed.statusCode()).isEqualTo(200);
        http.holds("post", "/api/audio/sessions/{session_id}/close", closed);
        assertThat(second.closed().code()).isEqualTo(1000);
      }
      assertThat(first.closed().code()).isEqualTo(1000);
      messagesHold("/api/ws/audio", first.received());
    }
    try (WebSocketClient refused =
        WebSocketClient.connect(server.ws("/api/ws/audio?sample_rate=1"))) {
      assertThat(refused.closed().code()).isEqualTo(1008);
      messagesHold("/api/ws/audio", refused.received());
    }
    try (WebSocketClient unknown =
        WebSocketClient.connect(server.ws("/api/ws/audio/invalid-uuid"))) {
      assertThat(unknown.closed().code()).isEqualTo(1008);
      messagesHold("/api/ws/audio/{session_id}", unknown.received());
    }
  }
}
