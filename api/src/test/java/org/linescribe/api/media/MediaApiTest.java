package org.linescribe.api.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeMediaPorts;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.mediaports.MediaPortRequest;
import tools.jackson.databind.JsonNode;

class MediaApiTest {
  /** SHA-256 of "a", "b" and "c". */
  private static final Map<String, String> KEYS =
      Map.of(
          "a", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
          "b", "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
          "c", "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6");

  private static final FakeMediaPorts LINE = FakeMediaPorts.LINE;
  private static ApiServer server;
  private static ApiServer keyed;
  private static ApiServer withoutLine;

  @BeforeAll
  static void startServers() {
    Map<String, Object> keys = new TreeMap<>();
    int n = 0;
    for (String name : List.of("a", "b", "c")) {
      String key = "linescribe.access.keys[" + n++ + "].";
      keys.put(key + "name", name);
      keys.put(key + "sha256", KEYS.get(name));
      keys.put(key + "max-open", 2);
      keys.put(key + "scopes", name.equals("c") ? "read,send,admin" : "read,send");
    }
    server =
        ApiServer.start(
            new FakeSessions(), Map.of(), ApiConfiguration.class, FakeMediaPorts.Line.class);
    keyed =
        ApiServer.start(
            new FakeSessions(), keys, ApiConfiguration.class, FakeMediaPorts.Line.class);
    withoutLine = ApiServer.start(new FakeSessions(), Map.of());
  }

  @AfterAll
  static void stopServers() {
    server.close();
    keyed.close();
    withoutLine.close();
  }

  private static HttpResponse<String> send(
      String method, ApiServer to, String path, String body, String key) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(to.http(path)))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", "application/json");
    if (!key.isEmpty()) {
      request.header("X-API-Key", key);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return send("POST", server, path, body, "");
  }

  @Test
  void opensAPortForEachLegAndSaysWhereItIs() throws Exception {
    HttpResponse<String> answer =
        post(
            "/sessions/one/media",
            """
            {"format": "slin16", "legs": ["caller", "callee"], "from": "192.0.2.7",
             "payload_type": 97, "language": "en", "hotwords": "tom,jerry"}
            """);

    assertThat(answer.statusCode()).isEqualTo(201);
    JsonNode ports = json(answer);
    assertThat(ports.get("session_id").asString()).isEqualTo("one");
    assertThat(ports.get("format").asString()).isEqualTo("slin16");
    assertThat(ports.get("payload_types").get(0).asInt()).isEqualTo(97);
    assertThat(ports.get("state").asString()).isEqualTo("waiting");
    assertThat(ports.at("/legs/1"))
        .isEqualTo(
            json(
                """
                {"leg": "callee", "host": "2001:db8::1", "port": 20000,
                 "external_host": "[2001:db8::1]:20000", "received_packets": 7}
                """));
    MediaPortRequest asked = LINE.request(new SessionId("one"));
    assertThat(asked.from().orElseThrow().getHostAddress()).isEqualTo("192.0.2.7");
    assertThat(asked.recognition().language()).hasValue("en");
    assertThat(asked.recognition().hotwords()).containsExactly("tom", "jerry");
    assertThat(asked.reached().isLoopbackAddress()).isTrue();
    assertThat(asked.owner()).isEmpty();
  }

  @Test
  void opensAMuLawPortForTheCallerWhereNothingIsSaid() throws Exception {
    assertThat(post("/sessions/plain/media", "").statusCode()).isEqualTo(201);
    JsonNode ports = json(get(server.http("/sessions/plain/media")));
    assertThat(ports.get("format").asString()).isEqualTo("ulaw");
    assertThat(ports.get("payload_types").get(0).asInt()).isZero();
    assertThat(ports.at("/legs/0/leg").asString()).isEqualTo("caller");
    assertThat(send("DELETE", server, "/sessions/plain/media", "", "").statusCode()).isEqualTo(204);
    assertThat(get(server.http("/sessions/plain/media")).statusCode()).isEqualTo(404);
    assertThat(send("DELETE", server, "/sessions/plain/media", "", "").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"format\": \"g729\"}             | format",
        "{\"legs\": []}                     | legs",
        "{\"legs\": [null]}                 | legs",
        "{\"legs\": [\"a\", \"a\"]}         | legs",
        "{\"legs\": [\"a b\"]}              | legs",
        "{\"from\": \"pbx.example.com\"}    | from",
        "{\"payload_type\": 128}            | payload_type",
        "{\"payload_type\": 64}             | 0 to 63 or from 96 to 127",
        "{\"payload_type\": 95}             | 0 to 63 or from 96 to 127",
        "[                                  | ",
      })
  void refusesWhatItCannotRead(String body, String words) throws Exception {
    HttpResponse<String> answer = post("/sessions/bad/media", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).get("error").asString()).contains(words == null ? "" : words);
    assertThat(LINE.find(new SessionId("bad"))).isEmpty();
  }

  @Test
  void refusesAsTheLineDoesWithTheTimeToComeAgain() throws Exception {
    try {
      LINE.refuse(
          new SessionRefusedException(
              SessionRefusedException.Reason.OVERLOADED,
              "all media ports are in use",
              Duration.ofSeconds(5)));
      HttpResponse<String> full = post("/sessions/full/media", "{}");
      assertThat(full.statusCode()).isEqualTo(503);
      assertThat(full.headers().firstValue("Retry-After")).hasValue("5");
      assertThat(json(full).get("error").asString()).isEqualTo("all media ports are in use");
      LINE.refuse(
          new SessionRefusedException(
              SessionRefusedException.Reason.CONFLICT, "another source", Duration.ZERO));
      assertThat(post("/sessions/full/media", "{}").statusCode()).isEqualTo(409);
    } finally {
      LINE.refuse(null);
    }
    assertThat(send("POST", withoutLine, "/sessions/x/media", "{}", "").statusCode())
        .as("a node without a line")
        .isEqualTo(422);
  }

  @Test
  void whatAKeyOpenedIsItsOwnAndTakesOneOfItsPermitsUntilItsEnd() throws Exception {
    String path = "/sessions/of-a/media";
    assertThat(send("POST", keyed, path, "{}", "").statusCode()).isEqualTo(401);
    assertThat(send("POST", keyed, path, "{}", "a").statusCode()).isEqualTo(201);
    assertThat(LINE.request(new SessionId("of-a")).owner()).hasValue("a");
    assertThat(send("POST", keyed, "/sessions/another-of-a/media", "{}", "a").statusCode())
        .as("the request and two sets of ports")
        .isEqualTo(429);

    assertThat(send("GET", keyed, path, "", "b").statusCode()).isEqualTo(404);
    assertThat(send("DELETE", keyed, path, "", "b").statusCode()).isEqualTo(404);
    assertThat(send("GET", keyed, path, "", "a").statusCode()).isEqualTo(200);
    assertThat(send("DELETE", keyed, path, "", "c").statusCode()).as("admin").isEqualTo(204);

    LINE.end(new SessionId("of-a"));
    assertThat(send("POST", keyed, path, "{}", "a").statusCode()).isEqualTo(201);
  }
}
