package org.linescribe.bench.load;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** {@code POST /audio/process-stream}: every client uploads a WAV file and reads its events. */
record FilesLoad() implements ApiLoad {
  private static final String PATH = "/audio/process-stream";
  private static final String BOUNDARY = "----linescribe-api-load";
  private static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;

  @Override
  public String name() {
    return "files";
  }

  private static byte[] form(Speech speech) {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.writeBytes(
        ("--"
                + BOUNDARY
                + "\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"call.wav\"\r\n"
                + "Content-Type: audio/wav\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    form.writeBytes(speech.wav());
    form.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    return form.toByteArray();
  }

  @Override
  public void load(Target target, List<Speech> speeches, Figures figures) throws Exception {
    Clients.runAll(speeches, figures, (_, speech) -> client(target, speech, figures));
  }

  private static void client(Target target, Speech speech, Figures figures) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(target.http(PATH)))
            .header("Content-Type", TYPE)
            .timeout(ApiLoad.PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofByteArray(form(speech)))
            .build();
    long startNs = System.nanoTime();
    HttpResponse<Stream<String>> answer =
        target.client().send(request, HttpResponse.BodyHandlers.ofLines());
    if (answer.statusCode() != 200) {
      figures.error("status " + answer.statusCode());
      return;
    }
    boolean ended = false;
    try (Stream<String> lines = answer.body()) {
      for (String line : (Iterable<String>) lines.filter(l -> l.startsWith("data:"))::iterator) {
        long nowNs = System.nanoTime();
        JsonNode event = Clients.JSON.readTree(line.substring(5));
        switch (event.path("status").asString("")) {
          case "submitted" -> figures.latency("submitted", nowNs - startNs);
          case "completed" -> {
            ended = true;
            figures.latency("completed", nowNs - startNs);
            figures.heard(speech, event.path("result").path("transcription").asString());
          }
          case "failed", "timeout" -> figures.error(event.path("error").asString());
          default -> figures.count("events");
        }
      }
    }
    if (!ended) {
      figures.error("stream ended before its file");
    }
  }

  @Override
  public Nuisance.Manners manners(Speech speech) {
    byte[] form = form(speech);
    return new Nuisance.Manners(
        ("POST "
                + PATH
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + TYPE
                + "\r\nContent-Length: "
                + form.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII),
        false,
        List.of(form),
        0);
  }
}
