package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.linescribe.api.HttpAnswers;
import org.linescribe.testsupport.Patience;

/** Polling over HTTP connections that are kept, as every client keeps them. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketIoKeepAliveTest {
  private static final int ROUNDS = 50;

  @TempDir Path folder;
  private SocketIoServer gateway;

  @BeforeEach
  void start() {
    gateway = new SocketIoServer(folder, Map.of());
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  /** One HTTP/1.1 connection, written by hand: what is sent on it is on this one and no other. */
  private static final class OneConnection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    OneConnection(int port) throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(Patience.LIMIT_MS);
      in = new BufferedInputStream(socket.getInputStream());
    }

    void send(String method, String path, String headers, String body) throws IOException {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      String length = method.equals("POST") ? "Content-Length: " + bytes.length + "\r\n" : "";
      socket
          .getOutputStream()
          .write(
              (method
                      + " "
                      + path
                      + " HTTP/1.1\r\nHost: localhost\r\n"
                      + headers
                      + length
                      + "\r\n"
                      + body)
                  .getBytes(StandardCharsets.UTF_8));
    }

    /** Status line, headers, an empty line, the body. */
    String receive() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        assertThat(next).as("end of the connection after %s", head).isNotNegative();
        head.append((char) next);
      }
      assertThat(head.toString()).doesNotContainIgnoringCase("connection: close");
      int length =
          head.toString()
              .lines()
              .filter(line -> line.toLowerCase().startsWith("content-length:"))
              .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
              .findFirst()
              .orElseThrow();
      return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    String exchange(String method, String path, String body) throws IOException {
      send(method, path, "", body);
      return receive();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static String bodyOf(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  private static String pathOf(String openBody) {
    return RawClient.POLL
        + "&sid="
        + HttpAnswers.json(openBody.substring(1)).path("sid").asString();
  }

  @Test
  void oneConnectionCarriesAWholeSessionAndRefusalsBetween() throws Exception {
    try (OneConnection kept = new OneConnection(gateway.server().port())) {
      String path = pathOf(bodyOf(kept.exchange("GET", RawClient.POLL, "")));
      assertThat(bodyOf(kept.exchange("POST", path, "40/streaming,"))).isEqualTo("ok");
      assertThat(bodyOf(kept.exchange("GET", path, ""))).startsWith("40/streaming,{\"sid\":\"");
      for (int round = 0; round < ROUNDS; round++) {
        assertThat(bodyOf(kept.exchange("POST", path, RawClient.CHUNK))).isEqualTo("ok");
        assertThat(bodyOf(kept.exchange("GET", path, ""))).isEqualTo(RawClient.RECEIVED);
        assertThat(kept.exchange("GET", RawClient.POLL + "&sid=nobody", ""))
            .startsWith("HTTP/1.1 400");
        assertThat(kept.exchange("POST", RawClient.POLL + "&sid=nobody", RawClient.CHUNK))
            .startsWith("HTTP/1.1 400");
      }
    }
  }

  @Test
  void anUploadThatIsRefusedUnreadLeavesItsConnectionUsable() throws Exception {
    try (OneConnection kept = new OneConnection(gateway.server().port())) {
      String huge = "x".repeat(3 << 20);
      for (int round = 0; round < 3; round++) {
        String path = pathOf(bodyOf(kept.exchange("GET", RawClient.POLL, "")));
        assertThat(kept.exchange("POST", path, huge)).startsWith("HTTP/1.1 413");
        assertThat(kept.exchange("POST", path, RawClient.CHUNK)).startsWith("HTTP/1.1 400");
        assertThat(bodyOf(kept.exchange("GET", path, ""))).isEqualTo("1");
      }
    }
  }

  @Test
  void aPollThatWaitsIsAnsweredOnItsConnectionWhileAnotherPosts() throws Exception {
    try (OneConnection polls = new OneConnection(gateway.server().port());
        OneConnection posts = new OneConnection(gateway.server().port())) {
      String path = pathOf(bodyOf(polls.exchange("GET", RawClient.POLL, "")));
      posts.exchange("POST", path, "40/streaming,");
      polls.exchange("GET", path, "");
      for (int round = 0; round < ROUNDS; round++) {
        polls.send("GET", path, "", "");
        assertThat(bodyOf(posts.exchange("POST", path, RawClient.CHUNK))).isEqualTo("ok");
        assertThat(bodyOf(polls.receive())).isEqualTo(RawClient.RECEIVED);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void theJdksClientPollsWithAndWithoutItsOfferOfHttp2(HttpClient.Version version)
      throws Exception {
    try (HttpClient http = HttpClient.newBuilder().version(version).build()) {
      String path = pathOf(send(http, request(RawClient.POLL).GET()));
      assertThat(send(http, post(path, "40/streaming,"))).isEqualTo("ok");
      assertThat(send(http, request(path).GET())).startsWith("40/streaming,{\"sid\":\"");
      for (int round = 0; round < ROUNDS; round++) {
        CompletableFuture<HttpResponse<String>> waiting =
            http.sendAsync(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
        assertThat(send(http, post(path, RawClient.CHUNK))).isEqualTo("ok");
        assertThat(waiting.get(Patience.LIMIT_MS, TimeUnit.MILLISECONDS).body())
            .isEqualTo(RawClient.RECEIVED);
        assertThat(send(http, post(path, RawClient.CHUNK))).isEqualTo("ok");
        assertThat(send(http, request(path).GET())).isEqualTo(RawClient.RECEIVED);
      }
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(gateway.server().http(path))).timeout(Patience.LIMIT);
  }

  private HttpRequest.Builder post(String path, String body) {
    return request(path).POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private static String send(HttpClient http, HttpRequest.Builder request) throws Exception {
    HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
