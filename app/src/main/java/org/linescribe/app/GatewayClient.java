package org.linescribe.app;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running gateway's HTTP API, for commands that work on its data. Thread: one. */
final class GatewayClient {
  private static final String KEY_VARIABLE = "LINESCRIBE_KEY";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT|URL",
      defaultValue = "127.0.0.1:8000",
      description =
          "the running gateway, https://HOST:PORT where it has TLS (default: ${DEFAULT-VALUE})")
  private String http = "";

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "API key with the scope admin; better by the environment's LINESCRIBE_KEY, because a"
              + " command line is seen by all")
  private @Nullable String key;

  /** The gateway refused, or cannot be reached. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;

    RefusedException(int status, String message) {
      super(message);
      this.status = status;
    }

    /** Of HTTP; 0: nobody answered. */
    int status() {
      return status;
    }
  }

  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  JsonNode get(String path) throws RefusedException, InterruptedException {
    return json(send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString()));
  }

  JsonNode delete(String path) throws RefusedException, InterruptedException {
    return json(send(request(path).DELETE().build(), HttpResponse.BodyHandlers.ofString()));
  }

  void download(String path, Path file) throws RefusedException, InterruptedException {
    HttpResponse<Path> answer =
        send(request(path).GET().build(), HttpResponse.BodyHandlers.ofFile(file));
    if (answer.statusCode() != 200) {
      throw new RefusedException(answer.statusCode(), path + ": " + answer.statusCode());
    }
  }

  private HttpRequest.Builder request(String path) {
    String base = http.matches("https?://.*") ? http : "http://" + http;
    HttpRequest.Builder builder;
    try {
      builder = HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--http: '" + http + "' (expected: HOST:PORT or https://HOST:PORT)", e);
    }
    String given = key != null ? key : System.getenv(KEY_VARIABLE);
    return given == null || given.isEmpty()
        ? builder
        : builder.header("Authorization", "Bearer " + given);
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
      throws RefusedException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, body);
    } catch (ConnectException e) {
      throw new RefusedException(
          0, "nothing answers at " + http + ": is `./linescribe serve` running?");
    } catch (IOException e) {
      throw new RefusedException(0, http + ": " + e.getMessage());
    }
  }

  private static JsonNode json(HttpResponse<String> answer) throws RefusedException {
    int status = answer.statusCode();
    JsonNode body;
    try {
      body = JsonMapper.shared().readTree(answer.body());
    } catch (JacksonException e) {
      body = JsonMapper.shared().missingNode();
    }
    if (status / 100 == 2) {
      return body;
    }
    String then =
        status == 401 || status == 403
            ? "; give a key with the scope admin by the environment's LINESCRIBE_KEY"
            : "";
    throw new RefusedException(
        status, "the gateway answered " + status + ": " + body.path("error").asString("") + then);
  }
}
