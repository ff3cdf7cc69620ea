package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.session.SessionRefusedException;

/** Clients that do not keep to the protocol, do not read, do not answer, or send too much. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketIoHostileTest {
  /** Engine.IO's own clients speak HTTP/1.1; the JDK's would first offer an upgrade to HTTP/2. */
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final String POLL = "/socket.io/?EIO=4&transport=polling";
  private static final String SOCKET = "/socket.io/?EIO=4&transport=websocket";

  @TempDir Path folder;

  private SocketIoServer gateway(Map<String, Object> settings) {
    return new SocketIoServer(folder, settings);
  }

  private static HttpResponse<String> get(SocketIoServer gateway, String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(gateway.server().http(path)))
            .timeout(Duration.ofSeconds(10))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest postOf(SocketIoServer gateway, String path, byte[] body) {
    return HttpRequest.newBuilder(URI.create(gateway.server().http(path)))
        .timeout(Duration.ofSeconds(10))
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  private static HttpResponse<String> post(SocketIoServer gateway, String path, String body)
      throws Exception {
    return HTTP.send(
        postOf(gateway, path, body.getBytes(StandardCharsets.UTF_8)),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Opens a connection by polling: the path of its further requests. */
  private static String handshake(SocketIoServer gateway) throws Exception {
    HttpResponse<String> open = get(gateway, POLL);
    assertThat(open.statusCode()).as(open.body()).isEqualTo(200);
    return POLL + "&sid=" + HttpAnswers.json(open.body().substring(1)).path("sid").asString();
  }

  /** A connection by polling that is in the namespace. */
  private static String joined(SocketIoServer gateway) throws Exception {
    String path = handshake(gateway);
    assertThat(post(gateway, path, "40/streaming,").body()).isEqualTo("ok");
    assertThat(get(gateway, path).body()).startsWith("40/streaming,{\"sid\":\"");
    return path;
  }

  private static double count(SocketIoServer gateway, String meter) {
    return gateway
        .server()
        .bean(io.micrometer.core.instrument.MeterRegistry.class)
        .get("linescribe.api.socketio." + meter)
        .gauge()
        .value();
  }

  @Test
  void aHandshakeTellsTheLimits() throws Exception {
    try (SocketIoServer gateway = gateway(Map.of())) {
      HttpResponse<String> open = get(gateway, POLL);
      assertThat(open.headers().firstValue("Content-Type")).contains("text/plain;charset=UTF-8");
      assertThat(HttpAnswers.json(open.body().substring(1)).toString())
          .contains(
              "\"upgrades\":[\"websocket\"]",
              "\"pingInterval\":25000",
              "\"pingTimeout\":20000",
              "\"maxPayload\":1048576");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/socket.io/, 0, Transport unknown",
    "/socket.io/?EIO=4&transport=smoke, 0, Transport unknown",
    "/socket.io/?EIO=4&transport=polling&sid=nobody, 1, Session ID unknown",
    "/socket.io/?EIO=4&transport=websocket, 3, Bad request",
    "/socket.io?EIO=3&transport=polling, 5, Unsupported protocol version",
    "/socket.io/?EIO=4&transport=polling&j=0, 3, Bad request"
  })
  void requestsThatBeginNothingAreRefusedAsEngineIoDoes(String path, int code, String message)
      throws Exception {
    try (SocketIoServer gateway = gateway(Map.of())) {
      HttpResponse<String> answer = get(gateway, path);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(HttpAnswers.json(answer.body()).path("code").asInt()).isEqualTo(code);
      assertThat(HttpAnswers.json(answer.body()).path("message").asString()).isEqualTo(message);
      HttpResponse<String> posted = post(gateway, POLL, "40/streaming,");
      assertThat(HttpAnswers.json(posted.body()).path("code").asInt()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "9",
        "5",
        "2",
        "4",
        "49",
        "42",
        "42/streaming,",
        "42/streaming,[]",
        "42/streaming,{\"a\":1}",
        "42/streaming,[1]",
        "42[\"audio_chunk\"]",
        "42/streaming,[\"audio_chunk\"",
        "451-/streaming,[\"audio_chunk\",{\"_placeholder\":true,\"num\":0}]\u001e42/streaming,[\"x\"]",
        "4517-/streaming,[\"audio_chunk\"]",
        "45999999999999999999-/streaming,[]",
        "45/streaming,[]",
        "bAAAA",
        "b***",
        "40/streaming,",
        "44/streaming,{}",
        "\u001e\u001e"
      })
  void whatIsNoPacketEndsItsConnectionAndNoOther(String garbage) throws Exception {
    try (SocketIoServer gateway = gateway(Map.of())) {
      String other = joined(gateway);
      String path = joined(gateway);
      HttpResponse<String> answer = post(gateway, path, garbage);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
      assertThat(post(gateway, path, "42/streaming,[\"x\"]").statusCode()).isEqualTo(400);
      assertThat(post(gateway, other, "42/streaming,[\"x\"]").body()).isEqualTo("ok");

      try (WebSocketClient socket = WebSocketClient.connect(gateway.server().ws(SOCKET))) {
        socket.next();
        socket.send(garbage);
        if (!garbage.equals("40/streaming,")) {
          assertThat(socket.closed().code()).isEqualTo(1000);
        }
      }
    }
  }

  @Test
  void anAudioChunkWithoutBinaryIsAnErrorAndNoMore() throws Exception {
    try (SocketIoServer gateway = gateway(Map.of())) {
      String path = joined(gateway);
      for (String argument :
          List.of(
              "",
              ",1",
              ",null",
              ",{}",
              ",{\"chunk\":\"QUJD\"}",
              ",{\"chunk\":{\"_placeholder\":true,\"num\":7}}",
              ",{\"_placeholder\":true,\"num\":-1}")) {
        post(gateway, path, "42/streaming,5[\"audio_chunk\"" + argument + "]");
        assertThat(get(gateway, path).body())
            .contains("42/streaming,[\"error\",{\"error\":\"chunk: expected binary\"}]")
            .contains("43/streaming,5[{\"error\"");
      }
    }
  }

  @Test
  void seededNoiseOnBothTransportsHarmsNobody() throws Exception {
    long seed = 20_261_120;
    Random random = new Random(seed);
    try (SocketIoServer gateway = gateway(Map.of())) {
      String other = joined(gateway);
      List<String> seeds =
          List.of(
              "451-/streaming,[\"audio_chunk\",{\"chunk\":{\"_placeholder\":true,\"num\":0}}]\u001ebAAECAw==",
              "42/streaming,7[\"stop_recording\"]",
              "40/streaming,{\"session_id\":\"a\",\"format\":\"alaw\"}",
              "41/streaming,\u001e3\u001e1");
      for (int round = 0; round < 150; round++) {
        StringBuilder text = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
        for (int edit = random.nextInt(4); edit >= 0; edit--) {
          int at = random.nextInt(text.length());
          text.setCharAt(at, (char) random.nextInt(128));
        }
        HttpResponse<String> answer = post(gateway, joined(gateway), text.toString());
        assertThat(answer.statusCode()).as("seed " + seed + " round " + round).isIn(200, 400);
        try (WebSocketClient socket = WebSocketClient.connect(gateway.server().ws(SOCKET))) {
          socket.send("40/streaming,");
          byte[] noise = new byte[random.nextInt(50)];
          random.nextBytes(noise);
          socket.send(noise);
          assertThat(socket.closed().code()).isEqualTo(1000);
        }
      }
      assertThat(post(gateway, other, "42/streaming,[\"x\"]").body()).isEqualTo("ok");
      assertThat(gateway.record(new byte[6400], Map.of()).events("result_file_path")).hasSize(1);
    }
  }

  @Test
  void aSecondPollOrPostAtTheSameTimeEndsTheConnection() throws Exception {
    try (SocketIoServer gateway = gateway(Map.of())) {
      String path = joined(gateway);
      CompletableFuture<HttpResponse<String>> waiting =
          HTTP.sendAsync(
              HttpRequest.newBuilder(URI.create(gateway.server().http(path)))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      // Which of the two comes first is open; one is told of the end, the other refused.
      HttpResponse<String> second = get(gateway, path);
      assertThat(List.of(waiting.get().statusCode(), second.statusCode()))
          .containsExactlyInAnyOrder(200, 400);
      assertThat(waiting.get().body() + second.body()).contains("Bad request").contains("1");
    }
  }

  @Test
  void aPayloadBeyondTheLimitIsRefusedOnBothTransports() throws Exception {
    try (SocketIoServer gateway = gateway(Map.of("linescribe.socketio.max-payload", "64KB"))) {
      String path = joined(gateway);
      String huge = "42/streaming,[\"" + "x".repeat(70_000) + "\"]";
      HttpResponse<String> answer = post(gateway, path, huge);
      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(answer.body()).isEqualTo("{\"error\":\"Payload too large\",\"max_bytes\":65536}");
      assertThat(post(gateway, path, "3").statusCode()).isEqualTo(400);

      HttpResponse<String> unannounced =
          HTTP.send(
              HttpRequest.newBuilder(URI.create(gateway.server().http(joined(gateway))))
                  .POST(
                      HttpRequest.BodyPublishers.ofInputStream(
                          () -> new java.io.ByteArrayInputStream(huge.getBytes())))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(unannounced.statusCode()).isEqualTo(413);

      try (NodeClient client =
          gateway.client(
              Map.of(
                  "file",
                  gateway.write("big", new byte[80_000]).toString(),
                  "chunkBytes",
                  80_000,
                  "then",
                  "disconnect",
                  "options",
                  Map.of("transports", List.of("websocket"), "reconnection", false)))) {
        assertThat(client.finish().awaitLine("disconnect").path("disconnect").asString())
            .isEqualTo("transport close");
      }
      // Within the limit all is well, also where Base64 makes more of it.
      byte[] audio = SocketIoServer.noise(120_000, 3);
      NodeClient fine =
          gateway.record(
              audio,
              Map.of("chunkBytes", 40_000, "options", Map.of("transports", List.of("polling"))));
      assertThat(gateway.pcm(fine.sid())).isEqualTo(audio);
    }
  }

  @Test
  void moreClientsThanTheLimitAreRefusedAndAPlaceIsFreeAgainAfterwards() throws Exception {
    try (SocketIoServer gateway = gateway(Map.of("linescribe.socketio.max-clients", "2"))) {
      String first = handshake(gateway);
      handshake(gateway);
      HttpResponse<String> third = get(gateway, POLL);
      assertThat(third.statusCode()).isEqualTo(503);
      assertThat(third.headers().firstValue("Retry-After")).contains("5");
      try (WebSocketClient socket = WebSocketClient.connect(gateway.server().ws(SOCKET))) {
        assertThat(socket.closed().code()).isEqualTo(1013);
      }
      post(gateway, first, "1");
      await().until(() -> count(gateway, "clients") == 1);
      handshake(gateway);
    }
  }

  @Test
  void aSilentClientIsGivenUpAndItsAudioSaved() throws Exception {
    Map<String, Object> quick =
        Map.of(
            "linescribe.socketio.ping-interval", "200ms",
            "linescribe.socketio.ping-timeout", "300ms");
    try (SocketIoServer gateway = gateway(quick);
        WebSocketClient silent = WebSocketClient.connect(gateway.server().ws(SOCKET))) {
      silent.next();
      silent.send("40/streaming,");
      String sid =
          HttpAnswers.json(silent.next().substring("40/streaming,".length()))
              .path("sid")
              .asString();
      silent.send("451-/streaming,[\"audio_chunk\",{\"_placeholder\":true,\"num\":0}]");
      silent.send(new byte[4000]);
      assertThat(silent.closed().reason()).isEqualTo("ping timeout");
      await().until(() -> gateway.transcripts().session(sid).ends().contains("disconnect"));
      assertThat(gateway.pcm(sid)).hasSize(4000);

      // One that is there and answers stays, by either transport.
      String poller = joined(gateway);
      for (int i = 0; i < 5; i++) {
        String packets = get(gateway, poller).body();
        if (packets.endsWith("2")) {
          assertThat(post(gateway, poller, "3").body()).isEqualTo("ok");
        }
      }
      // One that stops polling is gone.
      await().until(() -> count(gateway, "clients") == 0);
    }
  }

  @Test
  void aConnectionWithoutANamespaceIsClosed() throws Exception {
    try (SocketIoServer gateway = gateway(Map.of("linescribe.socketio.connect-timeout", "300ms"));
        WebSocketClient idle = WebSocketClient.connect(gateway.server().ws(SOCKET))) {
      assertThat(idle.closed().reason()).isEqualTo("no namespace");
      try (NodeClient client =
          gateway.client(Map.of("options", Map.of("forceNew", true), "then", "wait"))) {
        client.awaitEvents("response", 1);
      }
    }
  }

  @Test
  void anUploadThatIsCutOffLeavesWhatCameBefore() throws Exception {
    try (SocketIoServer gateway =
        gateway(
            Map.of(
                "linescribe.socketio.ping-interval", "300ms",
                "linescribe.socketio.ping-timeout", "300ms"))) {
      String path = handshake(gateway);
      post(gateway, path, "40/streaming,{\"session_id\":\"cut\"}");
      post(
          gateway,
          path,
          "451-/streaming,[\"audio_chunk\",{\"_placeholder\":true,\"num\":0}]\u001eb"
              + java.util.Base64.getEncoder().encodeToString(new byte[2000]));
      try (Socket half = new Socket("127.0.0.1", gateway.server().port())) {
        OutputStream out = half.getOutputStream();
        out.write(
            ("POST "
                    + path
                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n451-/str")
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        await().until(() -> gateway.transcripts().session("cut").ends().contains("disconnect"));
      }
      assertThat(gateway.pcm("cut")).hasSize(2000);
    }
  }

  @Test
  void aClientThatDoesNotReadIsHeldBackAndThenGivenUpAndDisturbsNobody() throws Exception {
    Map<String, Object> quick =
        Map.of(
            "linescribe.socketio.ping-interval", "1s",
            "linescribe.socketio.ping-timeout", "1s");
    try (SocketIoServer gateway = gateway(quick)) {
      String path = handshake(gateway);
      post(gateway, path, "40/streaming,{\"session_id\":\"deaf\"}");
      String chunk =
          "451-/streaming,[\"audio_chunk\",{\"_placeholder\":true,\"num\":0}]\u001ebAAAA";
      String thirty = String.join("\u001e", java.util.Collections.nCopies(30, chunk));
      List<Integer> statuses = new ArrayList<>();
      // Never polls: 1024 answers may wait, then its posts do, then its silence ends it.
      for (int i = 0; i < 60; i++) {
        statuses.add(post(gateway, path, thirty).statusCode());
        if (statuses.getLast() != 200) {
          break;
        }
      }
      assertThat(statuses.getLast()).isEqualTo(400);
      byte[] audio = SocketIoServer.noise(6400, 8);
      NodeClient other = gateway.record(audio, Map.of());
      assertThat(gateway.pcm(other.sid())).isEqualTo(audio);
      await().until(() -> gateway.transcripts().session("deaf").ends().contains("disconnect"));
    }
  }

  @Test
  void aWebSocketThatReadsNothingIsHeldBackAndThenGivenUp() throws Exception {
    Map<String, Object> quick =
        Map.of(
            "linescribe.socketio.ping-interval", "1s",
            "linescribe.socketio.ping-timeout", "1s");
    try (SocketIoServer gateway = gateway(quick)) {
      WebSocketClient deaf = WebSocketClient.connectWithoutReading(gateway.server().ws(SOCKET));
      // Each is refused with its name, until nothing more goes out and so nothing more comes in.
      String asking = "40/" + "n".repeat(120) + ",";
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 1_000_000; i++) {
                  deaf.send(asking);
                }
              });
      await().atMost(Duration.ofSeconds(60)).until(() -> count(gateway, "clients") == 0);
      deaf.abort();
      // A million were not taken: the client was cut off before.
      assertThat(sending).failsWithin(Duration.ofSeconds(10));
      byte[] audio = SocketIoServer.noise(6400, 8);
      assertThat(gateway.pcm(gateway.record(audio, Map.of()).sid())).isEqualTo(audio);
    }
  }

  @Test
  void aNamespaceThatIsTooLongEndsTheConnection() throws Exception {
    try (SocketIoServer gateway = gateway(Map.of())) {
      String path = handshake(gateway);
      assertThat(post(gateway, path, "40/" + "n".repeat(127) + ",").body()).isEqualTo("ok");
      assertThat(get(gateway, path).body()).endsWith("{\"message\":\"Invalid namespace\"}");
      assertThat(post(gateway, path, "40/" + "n".repeat(128) + ",").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void anOverloadedGatewayRefusesTheConnectionWithTheTimeToComeAgain() throws Exception {
    try (SocketIoServer gateway = gateway(Map.of())) {
      gateway
          .transcripts()
          .refuse(
              new SessionRefusedException(
                  SessionRefusedException.Reason.OVERLOADED, "too many", Duration.ofSeconds(7)));
      try (NodeClient client = gateway.client(Map.of())) {
        var refused = client.finish().awaitLine("connect_error");
        assertThat(refused.path("connect_error").asString()).isEqualTo("too many");
        assertThat(refused.path("data").path("reason").asString()).isEqualTo("overloaded");
        assertThat(refused.path("data").path("retry_after").asInt()).isEqualTo(7);
      }
      NodeClient untranscribed =
          gateway.record(
              new byte[3200], Map.of("options", Map.of("query", Map.of("transcribe", "false"))));
      assertThat(untranscribed.events("result_file_path")).hasSize(1);
    }
  }

  @Test
  void aRecordingBeyondTheLongestIsRefusedAndKept() throws Exception {
    try (SocketIoServer gateway = gateway(Map.of("linescribe.socketio.max-duration", "1s"))) {
      byte[] audio = SocketIoServer.noise(40_000, 4);
      try (NodeClient client =
          gateway.client(
              Map.of(
                  "file",
                  gateway.write("long", audio).toString(),
                  "chunkBytes",
                  16_000,
                  "then",
                  "wait"))) {
        assertThat(client.awaitEvent("error").path("error").asString())
            .isEqualTo("Recording is too long");
        assertThat(gateway.pcm(client.sid())).isEqualTo(java.util.Arrays.copyOf(audio, 32_000));
      }
    }
  }

  @Test
  void stoppingTheGatewaySavesEveryRecording() throws Exception {
    byte[] audio = SocketIoServer.noise(9600, 5);
    String sid;
    Path file;
    SocketIoServer gateway = gateway(Map.of());
    try (NodeClient client =
        gateway.client(Map.of("file", gateway.write("a", audio).toString(), "then", "wait"))) {
      client.awaitEvents("response", 4);
      sid = client.sid();
      file = gateway.file(sid);
      gateway.close();
      assertThat(client.awaitLine("disconnect").path("disconnect").asString())
          .isEqualTo("transport close");
      assertThat(gateway.transcripts().session(sid).ends()).containsExactly("disconnect");
    }
    assertThat(SocketIoServer.pcm(file)).isEqualTo(audio);
  }
}
