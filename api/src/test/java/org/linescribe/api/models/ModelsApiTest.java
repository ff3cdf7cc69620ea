package org.linescribe.api.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import tools.jackson.databind.JsonNode;

/**
 * Models pulled from a fake mirror: a server of this test, whose archive of a model of the
 * catalogue holds the digits model's files under that model's names.
 */
class ModelsApiTest {
  private static final String NAME = "sherpa-onnx-lstm-en-2023-02-17";
  private static final String PULL = "/models/" + NAME + "/pull";

  @TempDir private Path data;
  private HttpServer fakeMirror;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch secondHalf = new CountDownLatch(1);
  private volatile byte[] archive = new byte[0];
  private ApiServer server;

  @BeforeEach
  void start() throws Exception {
    archive = FakeModelArchive.of(NAME);
    fakeMirror = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    fakeMirror.setExecutor(threads);
    fakeMirror.createContext(
        "/fake-mirror/" + NAME + ".tar.bz2",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, archive.length);
            OutputStream out = exchange.getResponseBody();
            out.write(archive, 0, archive.length / 2);
            out.flush();
            secondHalf.await();
            out.write(archive, archive.length / 2, archive.length - archive.length / 2);
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          } catch (IOException gone) {
            // The gateway has stopped.
          }
        });
    fakeMirror.start();
    server =
        ApiServer.start(
            new FakeSessions(),
            Map.of(
                "linescribe.data",
                data.toString(),
                "linescribe.models.mirror",
                "http://127.0.0.1:" + fakeMirror.getAddress().getPort() + "/fake-mirror/"));
  }

  @AfterEach
  void stop() {
    secondHalf.countDown();
    server.close();
    fakeMirror.stop(0);
    threads.close();
  }

  private HttpResponse<String> pull(String path, String body) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(server.http(path)))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private JsonNode model() throws Exception {
    return json(get(server.http("/models"))).get("models").values().stream()
        .filter(model -> model.get("name").asString().equals(NAME))
        .findFirst()
        .orElseThrow();
  }

  private List<JsonNode> events() throws Exception {
    return get(server.http(PULL))
        .body()
        .lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> json(line.substring("data: ".length())))
        .toList();
  }

  @Test
  void pullsAModelWithItsProgress() throws Exception {
    assertThat(model().get("state").asString()).isEqualTo("available");
    assertThat(get(server.http(PULL)).statusCode()).isEqualTo(404);

    assertThat(pull(PULL, "{\"trust_on_first_use\": true}").statusCode()).isEqualTo(202);

    await().until(() -> model().at("/pull/bytes").asLong() > 0);
    assertThat(model().at("/pull/state").asString()).isEqualTo("downloading");
    assertThat(model().at("/pull/total_bytes").asLong()).isEqualTo(archive.length);
    HttpResponse<String> second = pull(PULL, "{\"trust_on_first_use\": true}");
    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(second.body()).contains(NAME);
    secondHalf.countDown();

    // The stream ends with the download.
    JsonNode last = events().getLast();
    assertThat(last.get("state").asString()).as("%s", last).isEqualTo("done");
    assertThat(last.get("bytes").asLong()).isEqualTo(archive.length);
    assertThat(model().get("state").asString()).isEqualTo("installed");
    assertThat(data.resolve("models").resolve(NAME).resolve("tokens.txt")).exists();
    assertThat(events()).as("later").hasSize(1);
  }

  @Test
  void tellsTheModelOfSessionsThatNameNone() throws Exception {
    assertThat(json(get(server.http("/models"))).get("default_model").asString()).isEqualTo("fake");
  }

  @Test
  void saysWhyAModelWasNotInstalled() throws Exception {
    secondHalf.countDown();
    assertThat(pull(PULL, "").statusCode()).isEqualTo(202);
    assertThat(events().getLast().get("error").asString()).contains("trust-on-first-use");

    assertThat(pull(PULL, "{\"sha256\": \"%s\"}".formatted("0".repeat(64))).statusCode())
        .isEqualTo(202);
    assertThat(events().getLast().get("state").asString()).isEqualTo("failed");
    assertThat(events().getLast().get("error").asString()).contains("discarded");
    assertThat(model().get("state").asString()).isEqualTo("available");
  }

  @Test
  void refusesWhatCannotBePulled() throws Exception {
    assertThat(pull("/models/nobody/pull", "").statusCode()).isEqualTo(404);
    assertThat(pull("/models/telephony-digits-en/pull", "").statusCode()).isEqualTo(409);
    assertThat(pull(PULL, "{\"sha256\": \"x\"}").statusCode()).isEqualTo(400);
    assertThat(pull(PULL, "{").statusCode()).isEqualTo(400);
    assertThat(get(server.http(PULL)).statusCode()).as("nothing began").isEqualTo(404);
  }
}
