package org.linescribe.api.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A multipart form as a client sends it. */
public final class Form {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final String BOUNDARY = "----linescribe-test-7d1a";

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  public Form field(String name, String value) {
    write("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n");
    write(value + "\r\n");
    return this;
  }

  public Form file(String name, String filename, byte[] content) {
    write(
        "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"");
    write(filename + "\"\r\nContent-Type: application/octet-stream\r\n\r\n");
    body.writeBytes(content);
    write("\r\n");
    return this;
  }

  public Form audio(String filename, byte[] content) {
    return file("audio", filename, content);
  }

  private void write(String text) {
    body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(body.toByteArray());
    all.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return all.toByteArray();
  }

  static String contentType() {
    return "multipart/form-data; boundary=" + BOUNDARY;
  }

  private HttpRequest request(String uri, HttpRequest.BodyPublisher publisher) {
    return HttpRequest.newBuilder(URI.create(uri))
        .timeout(Duration.ofSeconds(120))
        .header("Content-Type", contentType())
        .POST(publisher)
        .build();
  }

  public HttpResponse<String> post(String uri) throws IOException, InterruptedException {
    return HTTP.send(
        request(uri, HttpRequest.BodyPublishers.ofByteArray(bytes())),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Without a Content-Length. */
  HttpResponse<String> postChunked(String uri) throws IOException, InterruptedException {
    byte[] all = bytes();
    int half = all.length / 2;
    return HTTP.send(
        request(
            uri,
            HttpRequest.BodyPublishers.ofByteArrays(
                List.of(
                    Arrays.copyOfRange(all, 0, half), Arrays.copyOfRange(all, half, all.length)))),
        HttpResponse.BodyHandlers.ofString());
  }

  /** The lines of a stream while they come; closing it leaves. */
  Stream<String> lines(String uri) throws IOException, InterruptedException {
    HttpResponse<Stream<String>> response =
        HTTP.send(
            request(uri, HttpRequest.BodyPublishers.ofByteArray(bytes())),
            HttpResponse.BodyHandlers.ofLines());
    if (response.statusCode() != 200) {
      throw new IOException("HTTP " + response.statusCode() + ": " + response.body().toList());
    }
    return response.body();
  }

  /** All events of a stream to its end, exactly as framed by the document. */
  List<JsonNode> stream(String uri) throws IOException, InterruptedException {
    HttpResponse<String> response = post(uri);
    if (response.statusCode() != 200) {
      throw new IOException("HTTP " + response.statusCode() + ": " + response.body());
    }
    if (!response.body().endsWith("\n\n")) {
      throw new IOException("the stream does not end with an empty line");
    }
    return Arrays.stream(response.body().split("\n\n"))
        .map(
            message -> {
              if (!message.startsWith("data: ") || message.indexOf('\n') >= 0) {
                throw new IllegalStateException("not one data line: " + message);
              }
              return JsonMapper.shared().readTree(message.substring(6));
            })
        .toList();
  }
}
