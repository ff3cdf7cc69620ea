package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.HttpAnswers;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionRefusedException.Reason;
import org.linescribe.session.SourceRequest;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.Patience;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a client sees when it must wait, when it leaves, and when its time is up. */
class FilesQueueTest {
  private static final String STREAM = "/audio/process-stream";
  private static final byte[] PIN = HumanRecording.named("pin-jackson-1.wav").wav();
  private static final Duration SOON = Patience.LIMIT;

  @TempDir Path folder;
  private final StuckSessions sessions = new StuckSessions();
  private ApiServer server;

  private void start(String... settings) {
    Map<String, Object> all = new TreeMap<>();
    all.put("linescribe.files.directory", folder.toString());
    all.put("linescribe.files.workers", "1");
    for (int i = 0; i < settings.length; i += 2) {
      all.put("linescribe.files." + settings[i], settings[i + 1]);
    }
    server = ApiServer.start(sessions, all);
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(FilesGateway.left(folder)).isEmpty();
  }

  private static Form form(String filename) {
    return new Form()
        .audio(filename, PIN)
        .field("include_translation", "false")
        .field("include_insights", "false");
  }

  private static JsonNode next(Iterator<String> lines) {
    while (lines.hasNext()) {
      String line = lines.next();
      if (!line.isEmpty()) {
        assertThat(line).startsWith("data: ");
        return JsonMapper.shared().readTree(line.substring(6));
      }
    }
    throw new AssertionError("the stream has ended");
  }

  private String submit(String filename) throws Exception {
    HttpResponse<String> response = form(filename).post(server.http("/audio/process"));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    return HttpAnswers.json(response).get("task_id").asString();
  }

  private String status(String taskId) throws Exception {
    return HttpAnswers.json(HttpAnswers.get(server.http("/audio/task/" + taskId)))
        .get("status")
        .asString();
  }

  private StuckSessions.Stuck atWork(String filename) {
    await().atMost(SOON).until(() -> sessions.at(filename).isPresent());
    return sessions.at(filename).orElseThrow();
  }

  @Test
  void tellsThePlaceInTheQueueAndAnEstimate() throws Exception {
    start();
    submit("first.wav");
    atWork("first.wav");
    submit("second.wav");
    String third = submit("third.wav");

    JsonNode submitted = HttpAnswers.json(HttpAnswers.get(server.http("/audio/task/" + third)));

    assertThat(submitted.get("status").asString()).isEqualTo("submitted");
    assertThat(submitted.get("queue_position").asInt()).isEqualTo(2);
    assertThat(submitted.get("estimated_seconds").asInt()).isGreaterThanOrEqualTo(3);
    sessions.at("first.wav").orElseThrow().letGo();
    atWork("second.wav").letGo();
    atWork("third.wav").letGo();
    await().atMost(SOON).until(() -> status(third).equals("completed"));
  }

  @Test
  void refusesAnUploadThatHasNoPlaceBeforeItIsSent() throws Exception {
    start("max-queue", "1", "max-queue-per-client", "1");
    submit("working.wav");
    atWork("working.wav");
    submit("waiting.wav");

    HttpResponse<String> response = form("refused.wav").post(server.http(STREAM));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).contains("10");
    assertThat(HttpAnswers.json(response).get("error").asString()).isEqualTo("The queue is full");
  }

  @Test
  void beatsWhileThereIsNothingToTell() throws Exception {
    start("heartbeat", "1s");
    try (Stream<String> stream = form("slow.wav").lines(server.http(STREAM))) {
      Iterator<String> lines = stream.iterator();
      assertThat(next(lines).get("status").asString()).isEqualTo("submitted");
      JsonNode begun = next(lines);
      while (begun.has("heartbeat")) {
        // On a slow machine it beats before the work begins.
        begun = next(lines);
      }
      assertThat(begun.get("step").asString()).isEqualTo("transcription");
      JsonNode beat = next(lines);
      assertThat(beat.properties().stream().map(Map.Entry::getKey))
          .containsExactly("task_id", "status", "heartbeat", "elapsed_time", "timestamp");
      assertThat(beat.get("status").asString()).isEqualTo("PROCESSING");
      assertThat(beat.get("heartbeat").asBoolean()).isTrue();
      assertThat(next(lines).get("elapsed_time").asDouble())
          .isGreaterThan(beat.get("elapsed_time").asDouble());
      atWork("slow.wav").letGo();
      JsonNode last = next(lines);
      while (last.get("status").asString().equals("PROCESSING")) {
        last = next(lines);
      }
      assertThat(last.get("status").asString()).isEqualTo("completed");
    }
  }

  @Test
  void endsAFileWhoseTimeIsUp() throws Exception {
    // Time enough to begin, on any machine.
    start("timeout", "10s");
    try (Stream<String> stream = form("endless.wav").lines(server.http(STREAM))) {
      Iterator<String> lines = stream.iterator();
      JsonNode last = next(lines);
      while (!last.get("status").asString().equals("timeout")) {
        last = next(lines);
      }
      assertThat(last.properties().stream().map(Map.Entry::getKey))
          .containsExactly("task_id", "status", "error", "elapsed_time", "timestamp");
      assertThat(last.get("error").asString()).isEqualTo("Processing timeout after 10 seconds");
      assertThat(lines.hasNext() && !lines.next().isEmpty()).isFalse();
    }
    assertThat(atWork("endless.wav").ended).isEqualTo("cancelled");
  }

  @Test
  void cancelsTheWorkOfAClientThatGoesAway() throws Exception {
    start("heartbeat", "1s");
    String taskId;
    try (Stream<String> stream = form("left.wav").lines(server.http(STREAM))) {
      Iterator<String> lines = stream.iterator();
      taskId = next(lines).get("task_id").asString();
      atWork("left.wav");
    }

    await().atMost(SOON).until(() -> status(taskId).equals("failed"));
    assertThat(
            HttpAnswers.json(HttpAnswers.get(server.http("/audio/task/" + taskId)))
                .get("error")
                .asString())
        .isEqualTo("Cancelled: the client went away");
    await()
        .atMost(SOON)
        .until(() -> sessions.at("left.wav").orElseThrow().ended.equals("cancelled"));
    await().atMost(SOON).until(() -> FilesGateway.left(folder).isEmpty());
  }

  @Test
  void forgetsAWaitingFileWhoseClientGoesAway() throws Exception {
    start("heartbeat", "1s");
    submit("working.wav");
    atWork("working.wav");
    String taskId;
    try (Stream<String> stream = form("waiting.wav").lines(server.http(STREAM))) {
      taskId = next(stream.iterator()).get("task_id").asString();
    }
    await().atMost(SOON).until(() -> status(taskId).equals("failed"));
    String after = submit("after.wav");
    sessions.at("working.wav").orElseThrow().letGo();
    atWork("after.wav").letGo();
    await().atMost(SOON).until(() -> status(after).equals("completed"));
    assertThat(sessions.at("waiting.wav")).as("whose turn was before").isEmpty();
  }

  @Test
  void goesOnWithAFileWhoseClientPolls() throws Exception {
    start();
    String taskId = submit("polled.wav");
    assertThat(status(taskId)).isIn("submitted", "PROCESSING");
    atWork("polled.wav").letGo();
    await().atMost(SOON).until(() -> status(taskId).equals("completed"));
  }

  @Test
  void removesWhatAClientLeftHalfUploaded() throws Exception {
    start();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      byte[] body = form("half.wav").bytes();
      out.write(
          ("POST "
                  + STREAM
                  + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                  + Form.contentType()
                  + "\r\nContent-Length: "
                  + body.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.write(body, 0, 20_000);
      out.flush();
      await().atMost(SOON).until(() -> FilesGateway.left(folder).size() == 1);
    }
    await().atMost(SOON).until(() -> FilesGateway.left(folder).isEmpty());
    submit("next.wav");
    atWork("next.wav").letGo();
  }

  @Test
  void givesUpOnAStuckUploadAndItsPlace() throws Exception {
    start("upload-stall", "5s", "max-queue", "1", "max-queue-per-client", "1");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST "
                  + STREAM
                  + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                  + Form.contentType()
                  + "\r\nContent-Length: 100000\r\n\r\n--")
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      socket.setSoTimeout(Patience.LIMIT_MS);
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 408");
    }
    String taskId = submit("next.wav");
    atWork("next.wav").letGo();
    await().atMost(SOON).until(() -> status(taskId).equals("completed"));
  }

  @Test
  void endsWhatIsAtWorkAndWhatWaitsWhenTheGatewayStops() throws Exception {
    start();
    submit("working.wav");
    StuckSessions.Stuck working = atWork("working.wav");
    submit("waiting.wav");

    server.close();

    assertThat(working.ended).isEqualTo("cancelled");
    assertThat(sessions.at("waiting.wav")).isEmpty();
    assertThat(FilesGateway.left(folder)).isEmpty();
  }

  @Test
  void takesTheDefaultRecogniserAndTheModelsLanguageWhereTheNodeHasNoOther() throws Exception {
    start();
    sessions.unserved("language: expected one of en");
    HttpResponse<String> accepted =
        form("sw.wav").field("language", "sw").post(server.http("/audio/process"));
    String taskId = HttpAnswers.json(accepted).get("task_id").asString();
    atWork("sw.wav").letGo();
    await().atMost(SOON).until(() -> status(taskId).equals("completed"));
    assertThat(sessions.asked())
        .extracting(SourceRequest::recognition)
        .containsExactly(
            RecognitionRequest.DEFAULT
                .withProvider(Optional.of("sherpa-parts"))
                .withLanguage(Optional.of("sw"))
                .orElseDefault());
    assertThat(HttpAnswers.get(server.http("/audio/task/" + taskId)).body())
        .contains("language: expected one of en; the default was used");
  }

  @Test
  void waitsWhileCallsFillTheNode() throws Exception {
    start();
    sessions.refuse(request -> Optional.of(Reason.OVERLOADED));
    String taskId = submit("patient.wav");
    await().atMost(SOON).until(() -> sessions.asked().size() >= 2);
    sessions.refuse(request -> Optional.empty());
    atWork("patient.wav").letGo();
    await().atMost(SOON).until(() -> status(taskId).equals("completed"));
  }

  @Test
  void tellsWhyAFileIsRefusedWhileTheGatewayDrains() throws Exception {
    start();
    sessions.refuse(request -> Optional.of(Reason.DRAINING));
    String taskId = submit("late.wav");
    await().atMost(SOON).until(() -> status(taskId).equals("failed"));
    assertThat(HttpAnswers.get(server.http("/audio/task/" + taskId)).body())
        .contains("Transcription refused: refused by the test", "Audio processing failed");
  }

  @Test
  void tellsThatAnUploadCannotBeKept() throws Exception {
    Path lost = folder.resolve("lost");
    start("directory", lost.toString());
    Files.delete(lost);
    HttpResponse<String> response = form("a.wav").post(server.http(STREAM));
    Files.createDirectory(lost);
    assertThat(response.statusCode()).isEqualTo(507);
    assertThat(response.body()).doesNotContain(folder.toString());
    String taskId = submit("b.wav");
    atWork("b.wav").letGo();
    await().atMost(SOON).until(() -> status(taskId).equals("completed"));
    server.close();
    Files.delete(lost);
  }
}
