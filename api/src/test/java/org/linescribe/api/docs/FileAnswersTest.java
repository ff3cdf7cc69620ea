package org.linescribe.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.docs.DocumentedServer.settings;
import static org.linescribe.api.docs.DocumentedServer.upload;
import static org.linescribe.api.docs.DocumentedServer.wav;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;

/** What the APIs of files answer, held against the document. */
class FileAnswersTest {
  @TempDir private static Path folder;
  private static ApiServer server;
  private static Document http;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    server = ApiServer.start(new FakeSessions(), settings(folder, "open"));
    http = Document.of(server, "/openapi.json");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/audio/process-stream", "/audio/process-stream-realtime"})
  void areAsDocumentedInTheStreamsOfAFile(String path) throws Exception {
    HttpResponse<String> answer = upload(server, path, "audio", wav());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("\"submitted\"").contains("\"completed\"");
    http.holds("post", path, answer);
  }

  @Test
  void areAsDocumentedForATaskThatIsAskedFor() throws Exception {
    HttpResponse<String> submitted = upload(server, "/audio/process", "audio", wav());
    assertThat(submitted.statusCode()).isEqualTo(202);
    http.holds("post", "/audio/process", submitted);
    String task = "/audio/task/" + json(submitted).get("task_id").asString();

    await()
        .until(
            () -> {
              HttpResponse<String> polled = get(server.http(task));
              http.holds("get", "/audio/task/{task_id}", polled);
              return json(polled).get("status").asString().equals("completed");
            });
    http.holds("get", "/audio/task/{task_id}/events", get(server.http(task + "/events")));
  }

  @Test
  void areAsDocumentedForAFileThatIsNone() throws Exception {
    HttpResponse<String> text =
        upload(
            server,
            "/audio/process",
            "audio",
            "no audio at all".getBytes(StandardCharsets.US_ASCII));
    assertThat(text.statusCode()).isEqualTo(415);
    http.holds("post", "/audio/process", text);
    HttpResponse<String> other = upload(server, "/audio/process-stream", "other", wav());
    assertThat(other.statusCode()).isEqualTo(422);
    http.holds("post", "/audio/process-stream", other);
    HttpResponse<String> plain =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(server.http("/audio/process")))
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .header("Content-Type", "application/json")
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(plain.statusCode()).isEqualTo(415);
    http.holds("post", "/audio/process", plain);
  }
}
