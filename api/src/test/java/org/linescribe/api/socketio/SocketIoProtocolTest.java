package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;

/** Clients that do not keep to the protocols. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketIoProtocolTest {
  @TempDir Path folder;
  private SocketIoServer gateway;
  private RawClient raw;

  @BeforeEach
  void start() {
    gateway = SocketIoServer.withManualTime(folder, Map.of());
    raw = new RawClient(gateway);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void aHandshakeTellsTheLimits() throws Exception {
    HttpResponse<String> open = raw.get(RawClient.POLL);
    assertThat(open.headers().firstValue("Content-Type")).contains("text/plain;charset=UTF-8");
    assertThat(HttpAnswers.json(open.body().substring(1)).toString())
        .contains(
            "\"upgrades\":[\"websocket\"]",
            "\"pingInterval\":25000",
            "\"pingTimeout\":20000",
            "\"maxPayload\":1048576");
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
    HttpResponse<String> answer = raw.get(path);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(HttpAnswers.json(answer.body()).path("code").asInt()).isEqualTo(code);
    assertThat(HttpAnswers.json(answer.body()).path("message").asString()).isEqualTo(message);
    HttpResponse<String> posted = raw.post(RawClient.POLL, "40/streaming,");
    assertThat(HttpAnswers.json(posted.body()).path("code").asInt()).isEqualTo(2);
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
    String other = raw.joined();
    String path = raw.joined();
    HttpResponse<String> answer = raw.post(path, garbage);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(raw.post(path, "42/streaming,[\"x\"]").statusCode()).isEqualTo(400);
    assertThat(raw.post(other, "42/streaming,[\"x\"]").body()).isEqualTo("ok");

    try (WebSocketClient socket = raw.socket()) {
      socket.next();
      socket.send(garbage);
      if (!garbage.equals("40/streaming,")) {
        assertThat(socket.closed().code()).isEqualTo(1000);
      }
    }
  }

  @Test
  void anAudioChunkWithoutBinaryIsAnErrorAndNoMore() throws Exception {
    String path = raw.joined();
    for (String argument :
        List.of(
            "",
            ",1",
            ",null",
            ",{}",
            ",{\"chunk\":\"QUJD\"}",
            ",{\"chunk\":{\"_placeholder\":true,\"num\":7}}",
            ",{\"_placeholder\":true,\"num\":-1}")) {
      raw.post(path, "42/streaming,5[\"audio_chunk\"" + argument + "]");
      assertThat(raw.get(path).body())
          .contains("42/streaming,[\"error\",{\"error\":\"chunk: expected binary\"}]")
          .contains("43/streaming,5[{\"error\"");
    }
  }

  @Test
  void seededNoiseOnBothTransportsHarmsNobody() throws Exception {
    long seed = 20_261_120;
    Random random = new Random(seed);
    String other = raw.joined();
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
      HttpResponse<String> answer = raw.post(raw.joined(), text.toString());
      assertThat(answer.statusCode()).as("seed " + seed + " round " + round).isIn(200, 400);
      try (WebSocketClient socket = raw.socket()) {
        socket.send("40/streaming,");
        byte[] noise = new byte[random.nextInt(50)];
        random.nextBytes(noise);
        socket.send(noise);
        assertThat(socket.closed().code()).isEqualTo(1000);
      }
    }
    assertThat(raw.post(other, "42/streaming,[\"x\"]").body()).isEqualTo("ok");
    assertThat(raw.post(other, RawClient.CHUNK).body()).isEqualTo("ok");
    assertThat(raw.get(other).body()).endsWith(RawClient.RECEIVED);
  }

  @Test
  void aSecondPollOrPostAtTheSameTimeEndsTheConnection() throws Exception {
    String path = raw.joined();
    CompletableFuture<HttpResponse<String>> waiting = raw.getLater(path);
    // Which of the two comes first is open; one is told of the end, the other refused.
    HttpResponse<String> second = raw.get(path);
    assertThat(List.of(waiting.get().statusCode(), second.statusCode()))
        .containsExactlyInAnyOrder(200, 400);
    assertThat(waiting.get().body() + second.body()).contains("Bad request").contains("1");
  }

  @Test
  void aNamespaceThatIsTooLongEndsTheConnection() throws Exception {
    String path = raw.handshake();
    assertThat(raw.post(path, "40/" + "n".repeat(127) + ",").body()).isEqualTo("ok");
    assertThat(raw.get(path).body()).endsWith("{\"message\":\"Invalid namespace\"}");
    assertThat(raw.post(path, "40/" + "n".repeat(128) + ",").statusCode()).isEqualTo(400);
  }

  /** python-socketio drops a connection over a payload of more than 16 packets. */
  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 33, 100})
  void aPayloadHasAtMostSixteenPacketsInTheirOrder(int events) throws Exception {
    String path = raw.joined();
    StringJoiner all = new StringJoiner("\u001e");
    for (int n = 0; n < events; n++) {
      all.add("42/streaming," + n + "[\"audio_chunk\",{}]");
    }
    assertThat(raw.post(path, all.toString()).body()).isEqualTo("ok");
    List<String> packets = new ArrayList<>();
    while (packets.size() < 2 * events) {
      String[] payload = raw.get(path).body().split("\u001e");
      assertThat(payload.length).isBetween(1, 16);
      packets.addAll(List.of(payload));
    }
    for (int n = 0; n < events; n++) {
      assertThat(packets.get(2 * n)).contains("chunk: expected binary");
      assertThat(packets.get(2 * n + 1)).startsWith("43/streaming," + n + "[");
    }
  }
}
