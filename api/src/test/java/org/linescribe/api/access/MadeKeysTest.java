package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.keys.StoredKey;
import org.linescribe.session.keys.StoredKeys;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.JsonNode;

/** Keys that are made and revoked while two nodes run that share a database. */
class MadeKeysTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final FakeSessions SESSIONS = new FakeSessions();
  private static final AtomicBoolean AWAY = new AtomicBoolean();

  @TempDir private static Path folder;
  private static SegmentStore store;
  private static ApiServer server;
  private static ApiServer other;

  /** The assembly's store of keys, which may be away. */
  static class Keys {
    @Bean
    StoredKeys storedKeys() {
      return new StoredKeys() {
        private StoredKeys answering() {
          if (AWAY.get()) {
            throw new StoreUnavailableException("the segment store does not answer");
          }
          return store.keys();
        }

        @Override
        public List<StoredKey> all() {
          return answering().all();
        }

        @Override
        public boolean add(StoredKey key) {
          return answering().add(key);
        }

        @Override
        public boolean remove(String name) {
          return answering().remove(name);
        }
      };
    }
  }

  @BeforeAll
  static void startServers() {
    store = SqlSegmentStore.embedded(folder.resolve("db"));
    SESSIONS.owned("hers", "alice").ends("her words");
    server = start();
    other = start();
  }

  private static ApiServer start() {
    return ApiServer.start(SESSIONS, KeyedServer.settings(), ApiConfiguration.class, Keys.class);
  }

  @AfterAll
  static void stopServers() {
    server.close();
    other.close();
    store.close();
  }

  private static HttpResponse<String> send(
      ApiServer to, String method, String path, String key, String body) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(to.http(path)))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .header("X-API-Key", key)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static int read(ApiServer from, String path, String key) throws Exception {
    return send(from, "GET", path, key, "").statusCode();
  }

  private static JsonNode make(String body) throws Exception {
    HttpResponse<String> made = send(server, "POST", "/keys", KeyedServer.KEY, body);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    return json(made);
  }

  @Test
  void aMadeKeyIsLetInOnAllNodesWithItsScopesUntilItIsRevoked() throws Exception {
    String key = make("{\"name\": \"wallboard\", \"scopes\": [\"read\"]}").get("key").asString();

    assertThat(read(server, "/sessions", key)).isEqualTo(200);
    assertThat(read(server, "/keys", key)).isEqualTo(403);
    assertThat(send(server, "POST", "/stt/stream-chunk", key, "").statusCode()).isEqualTo(403);
    await().atMost(Duration.ofMinutes(1)).until(() -> read(other, "/sessions", key) == 200);
    String listed = send(server, "GET", "/keys", KeyedServer.KEY, "").body();
    assertThat(listed).contains("wallboard", "created_by").doesNotContain(key);
    assertThat(KeyedServer.count(server, "linescribe.access.granted", "key", "wallboard"))
        .isPositive();

    assertThat(send(server, "DELETE", "/keys/wallboard", KeyedServer.KEY, "").statusCode())
        .isEqualTo(204);
    assertThat(read(server, "/sessions", key)).isEqualTo(401);
    await().atMost(Duration.ofMinutes(1)).until(() -> read(other, "/sessions", key) == 401);
    assertThat(send(server, "DELETE", "/keys/wallboard", KeyedServer.KEY, "").statusCode())
        .isEqualTo(404);
    assertThat(KeyedServer.count(server, "linescribe.access.granted", "key", "wallboard")).isZero();
  }

  @Test
  void aKeySeesWhatItsOwnersOtherKeysSent() throws Exception {
    String second =
        make("{\"name\": \"alice-2\", \"owner\": \"alice\", \"scopes\": [\"read\"]}")
            .get("key")
            .asString();
    String own = make("{\"name\": \"bob\", \"scopes\": [\"read\"]}").get("key").asString();
    assertThat(read(server, "/sessions/hers", second)).isEqualTo(200);
    assertThat(read(server, "/sessions/hers", own)).isEqualTo(404);
  }

  @Test
  void aKeyOfTheSettingsStandsBeforeAMadeOneOfItsName() throws Exception {
    store
        .keys()
        .add(new StoredKey("slow", "0".repeat(64), "x", List.of("read"), Instant.EPOCH, "crm"));
    JsonNode listed = json(send(server, "GET", "/keys", KeyedServer.KEY, "")).get("keys");
    assertThat(listed)
        .filteredOn(key -> key.get("name").asString().equals("slow"))
        .singleElement()
        .satisfies(key -> assertThat(key.get("source").asString()).isEqualTo("settings"))
        .satisfies(key -> assertThat(key.get("owner").asString()).isEqualTo("slow"));
  }

  @Test
  void theDatabaseHoldsNoKey() throws Exception {
    String key = make("{\"name\": \"kept\", \"scopes\": [\"read\"]}").get("key").asString();
    for (Path file : Files.walk(folder).filter(Files::isRegularFile).toList()) {
      assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
          .as(file.toString())
          .doesNotContain(key);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\": \"a b\", \"scopes\": [\"read\"]}                    | 400",
        "{\"name\": \"a\", \"scopes\": []}                              | 400",
        "{\"name\": \"a\", \"scopes\": [\"root\"]}                      | 400",
        "{\"name\": \"a\", \"owner\": false, \"scopes\": [\"read\"]}   | 400",
        "{\"name\": 7, \"scopes\": [\"read\"]}                        | 400",
        "{\"name\": \"a\", \"scopes\": \"read\"}                       | 400",
        "{\"name\": \"a\", \"scopes\": [null]}                          | 400",
        "{\"name\": \"a\", \"scopes\": [[]]}                            | 400",
        "{\"name\": \"a\", \"owner\": \"\", \"scopes\": [\"read\"]}      | 400",
        "{\"name\": \"a\", \"owner\": \"sip:x\", \"scopes\": [\"read\"]} | 400",
        "{\"name\": \"crm\", \"scopes\": [\"read\"]}                    | 409",
        "nothing                                                        | 400",
      })
  void refusesWhatIsNoKey(String body, int status) throws Exception {
    HttpResponse<String> refused = send(server, "POST", "/keys", KeyedServer.KEY, body);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
    assertThat(send(server, "DELETE", "/keys/crm", KeyedServer.KEY, "").statusCode())
        .isEqualTo(409);
  }

  @Test
  void aKeyIsUnknownOnlyWhereTheStoreCouldBeRead() throws Exception {
    AWAY.set(true);
    try (ApiServer begun = start()) {
      assertThat(read(begun, "/sessions", KeyedServer.KEY)).isEqualTo(200);
      HttpResponse<String> unknown = send(begun, "GET", "/sessions", "ls_nobody", "");
      assertThat(unknown.statusCode()).isEqualTo(503);
      assertThat(unknown.headers().firstValue("Retry-After")).hasValue("5");
      AWAY.set(false);
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> read(begun, "/sessions", "ls_nobody") == 401);
    } finally {
      AWAY.set(false);
    }
  }

  @Test
  void noKeyIsMadeWhereNoneIsAskedFor() throws Exception {
    try (ApiServer open = ApiServer.start(SESSIONS, Map.of(), ApiConfiguration.class, Keys.class)) {
      HttpResponse<String> refused =
          send(open, "POST", "/keys", "", "{\"name\": \"a\", \"scopes\": [\"read\"]}");
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(409);
    }
  }
}
