package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.HttpAnswers;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.testsupport.HumanRecording;
import tools.jackson.databind.JsonNode;

/** The files API on the real pipeline with the real recogniser. */
class FilesApiTest {
  private static final String STREAM = "/audio/process-stream";
  private static final String REALTIME = "/audio/process-stream-realtime";
  private static final String PROCESS = "/audio/process";
  private static final HumanRecording CARD = HumanRecording.named("card-george-2.wav");

  @TempDir static Path folder;
  private static FilesGateway gateway;

  @BeforeAll
  static void start() {
    gateway = new FilesGateway(folder, Map.of("linescribe.files.max-size", "2MB"));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @AfterEach
  void leavesNoUploadBehind() {
    await().until(() -> gateway.uploads().isEmpty());
  }

  private static Form form(HumanRecording recording) {
    return new Form()
        .audio(recording.file().getFileName().toString(), recording.wav())
        .field("language", "sw")
        .field("include_translation", "true")
        .field("include_insights", "true");
  }

  private static String http(String path) {
    return gateway.server().http(path);
  }

  private static List<String> names(JsonNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asString("");
  }

  @Test
  void streamsTheDocumentedEventsFromSubmittedToCompleted() throws Exception {
    List<JsonNode> events = form(CARD).stream(http(STREAM));

    JsonNode submitted = events.getFirst();
    assertThat(names(submitted))
        .startsWith(
            "task_id",
            "status",
            "message",
            "filename",
            "file_size_mb",
            "estimated_time",
            "timestamp");
    assertThat(text(submitted, "status")).isEqualTo("submitted");
    assertThat(text(submitted, "message")).isEqualTo("Audio processing started");
    assertThat(text(submitted, "filename")).isEqualTo("card-george-2.wav");
    assertThat(submitted.get("file_size_mb").asDouble()).isEqualTo(0.21);
    assertThat(text(submitted, "estimated_time")).matches("\\d+-\\d+ seconds");
    assertThat(text(submitted, "timestamp")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d");
    assertThat(submitted.get("queue_position").asInt()).isEqualTo(1);

    List<JsonNode> progress = events.subList(1, events.size() - 1);
    assertThat(progress)
        .allSatisfy(
            event -> {
              assertThat(names(event))
                  .startsWith(
                      "task_id",
                      "status",
                      "progress",
                      "step",
                      "message",
                      "elapsed_time",
                      "timestamp");
              assertThat(text(event, "status")).isEqualTo("PROCESSING");
              assertThat(event.get("progress").asInt()).isBetween(1, 99);
            });
    assertThat(progress.stream().map(event -> event.get("progress").asInt()).toList()).isSorted();
    assertThat(progress.stream().map(event -> text(event, "step")).distinct().toList())
        .containsExactly(
            "transcription",
            "translation",
            "entity_extraction",
            "classification",
            "qa_evaluation",
            "summarization");

    JsonNode completed = events.getLast();
    assertThat(names(completed))
        .containsExactly("task_id", "status", "result", "processing_time", "timestamp", "message");
    assertThat(text(completed, "status")).isEqualTo("completed");
    assertThat(events.stream().map(event -> text(event, "task_id")).distinct()).hasSize(1);
    JsonNode result = completed.get("result");
    assertThat(names(result))
        .contains(
            "transcription",
            "translation",
            "entities",
            "classification",
            "qa_evaluations",
            "summary",
            "processing_time");
    assertThat(CARD.errors(text(result, "transcription"))).isLessThanOrEqualTo(1);
  }

  @Test
  void reportsAnUntranslatedTranscriptAsSkippedWithTheReason() throws Exception {
    List<JsonNode> events = form(CARD).stream(http(STREAM));

    JsonNode result = events.getLast().get("result");
    assertThat(result.get("translation").isNull()).isTrue();
    JsonNode step = result.at("/steps/translation");
    assertThat(text(step, "status")).isEqualTo("skipped");
    assertThat(text(step, "reason")).contains("does not translate");
    assertThat(events)
        .anySatisfy(
            event -> {
              assertThat(text(event, "step")).isEqualTo("translation");
              assertThat(event.path("skipped").asBoolean(false)).isTrue();
            });
    assertThat(result.at("/warnings/0").asString())
        .contains("language: expected one of en; the default was used");
  }

  @Test
  void masksTheCardThatWasSpoken() throws Exception {
    JsonNode result = form(CARD).stream(http(STREAM)).getLast().get("result");

    String digits = "4161414006341173";
    assertThat(result.get("entities").valueStream().map(entity -> text(entity, "value")))
        .containsExactly("**** **** **** 1173");
    assertThat(result.get("entities").toString()).doesNotContain(digits.substring(0, 12));
    assertThat(text(result, "summary")).contains("**** **** **** 1173").doesNotContain("FOUR");
  }

  @Test
  void keepsTheTranscriptAsASessionThatReadersSee() throws Exception {
    List<JsonNode> events = form(CARD).stream(http(STREAM));
    String id = text(events.getLast(), "task_id");
    JsonNode result = events.getLast().get("result");

    SessionRecord session = gateway.pipeline().find(new SessionId(id)).orElseThrow();
    List<Segment> segments = gateway.pipeline().segments(new SessionId(id), 1, 1000);
    assertThat(session.kind()).isEqualTo("file");
    assertThat(session.endReason()).contains("completed");
    assertThat(session.attributes()).containsEntry("filename", "card-george-2.wav");
    assertThat(segments.stream().map(Segment::text).collect(Collectors.joining(" ")))
        .isEqualTo(text(result, "transcription"));
    assertThat(segments.stream().map(Segment::seq))
        .containsExactlyElementsOf(
            java.util.stream.LongStream.rangeClosed(1, segments.size()).boxed().toList());
    assertThat(result.get("segments")).hasSize(segments.size());
    JsonNode last = result.get("segments").get(segments.size() - 1);
    assertThat(last.get("end_ms").asLong()).isBetween(5_000L, 14_500L);
    assertThat(HttpAnswers.json(HttpAnswers.get(http("/sessions/" + id))).toString())
        .contains("\"file\"");
  }

  @ParameterizedTest
  @CsvSource({
    "wav, -c:a pcm_mulaw",
    "wav, -ar 44100",
    "mp3, -b:a 64k",
    "flac, -ar 16000",
    "m4a, -c:a aac -b:a 64k",
    "m4a, -c:a aac -movflags +faststart",
    "ogg, -c:a libopus",
    "ogg, -c:a flac -ar 16000",
    "webm, -c:a libopus",
  })
  void hearsTheSameInEveryContainer(String extension, String options) throws Exception {
    Path file =
        ConvertedRecordings.converted(
            CARD.file(), folder.resolve("call." + extension), options.split(" "));

    JsonNode completed =
        new Form().audio("call", ConvertedRecordings.bytes(file)).stream(http(STREAM)).getLast();

    assertThat(text(completed, "status")).isEqualTo("completed");
    assertThat(CARD.errors(text(completed.get("result"), "transcription"))).isLessThanOrEqualTo(2);
  }

  @Test
  void carriesPartialResultsInTheRealtimeStreamAndItsEndInBothFields() throws Exception {
    List<JsonNode> events = form(CARD).stream(http(REALTIME));

    List<JsonNode> partials =
        events.stream()
            .filter(event -> text(event, "step").equals("transcription_partial"))
            .toList();
    assertThat(partials).isNotEmpty();
    assertThat(partials)
        .allSatisfy(
            event ->
                assertThat(names(event))
                    .containsExactly("task_id", "step", "progress", "partial_result", "timestamp"));
    assertThat(
            partials.stream()
                .map(event -> event.at("/partial_result/transcript_chunk").asString())
                .collect(Collectors.joining(" ")))
        .isEqualTo(text(events.getLast().get("result"), "transcription"));
    for (int i = 0; i < partials.size(); i++) {
      JsonNode partial = partials.get(i).get("partial_result");
      assertThat(partial.get("chunk_index").asInt()).isEqualTo(i + 1);
      assertThat(partial.get("total_chunks_so_far").asInt()).isEqualTo(i + 1);
    }
    assertThat(text(events.getLast(), "status")).isEqualTo("completed");
    assertThat(text(events.getLast(), "step")).isEqualTo("completed");
  }

  @Test
  void answersWhoPollsAndWhoComesToTheStreamLater() throws Exception {
    HttpResponse<String> accepted = form(CARD).post(http(PROCESS));
    assertThat(accepted.statusCode()).isEqualTo(202);
    String id = text(HttpAnswers.json(accepted), "task_id");

    await()
        .atMost(Duration.ofSeconds(120))
        .until(
            () ->
                text(HttpAnswers.json(HttpAnswers.get(http("/audio/task/" + id))), "status")
                    .equals("completed"));

    JsonNode status = HttpAnswers.json(HttpAnswers.get(http("/audio/task/" + id)));
    assertThat(CARD.errors(text(status.get("result"), "transcription"))).isLessThanOrEqualTo(1);
    String replayed = HttpAnswers.get(http("/audio/task/" + id + "/events")).body();
    assertThat(replayed)
        .startsWith("data: {\"task_id\":\"" + id + "\",\"status\":\"submitted\"")
        .contains("transcription_partial", "\"status\":\"completed\"");
    HttpResponse<String> unknown = HttpAnswers.get(http("/audio/task/nobody"));
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(text(HttpAnswers.json(unknown), "error")).isEqualTo("Task not found");
  }

  @Test
  void leavesOutWhatWasNotAskedFor() throws Exception {
    JsonNode result =
        new Form()
                .field("include_insights", "false")
                .field("include_translation", "0")
                .audio("a.wav", CARD.wav())
                .stream(http(STREAM))
                .getLast()
                .get("result");
    assertThat(result.get("entities").isNull()).isTrue();
    assertThat(result.get("summary").isNull()).isTrue();
    assertThat(result.at("/steps/summarization/reason").asString()).isEqualTo("not asked for");
  }

  @Test
  void hearsALongRecordingAsItHearsItsPieces() throws Exception {
    HumanRecording joined = ConvertedRecordings.joined(folder);
    Path small = ConvertedRecordings.converted(joined.file(), folder.resolve("joined.flac"));

    JsonNode result =
        new Form()
            .audio("joined.flac", ConvertedRecordings.bytes(small)).stream(http(STREAM))
                .getLast()
                .get("result");

    int errors = joined.errors(text(result, "transcription"));
    System.out.printf(
        "132 words of people in one file of %s s: %d errors, %s s%n",
        result.get("audio_seconds"), errors, result.get("processing_time"));
    assertThat(errors).isLessThanOrEqualTo(5);
    List<Long> starts =
        result.get("segments").valueStream().map(s -> s.get("start_ms").asLong()).toList();
    assertThat(starts).isSorted().hasSizeGreaterThan(20);
  }

  @Test
  void refusesWhatIsTooLargeWithAndWithoutItsLength() throws Exception {
    byte[] large = Arrays.copyOf(CARD.wav(), 3 << 20);
    for (HttpResponse<String> response :
        List.of(
            new Form().audio("a.wav", large).post(http(STREAM)),
            new Form().audio("a.wav", large).postChunked(http(STREAM)))) {
      assertThat(response.statusCode()).isEqualTo(413);
      assertThat(text(HttpAnswers.json(response), "error"))
          .isEqualTo("The file is larger than 2 MB");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%PDF-1.7 and more", "GIF89a, a picture", "#!/bin/sh\nrm -rf /", "x"})
  void refusesWhatIsNoAudioByItsBytesWhateverItsName(String content) throws Exception {
    HttpResponse<String> response =
        new Form().audio("call.wav", content.getBytes()).post(http(STREAM));
    assertThat(response.statusCode()).isEqualTo(415);
    assertThat(text(HttpAnswers.json(response), "error")).contains("WAV, MP3, FLAC");
  }

  @Test
  void refusesWhatIsEmptyCorruptOrIncompleteWithAReason() throws Exception {
    byte[] wav = CARD.wav();
    byte[] garbage = Arrays.copyOf("OggS".getBytes(), 4096);
    assertRefused(422, "empty", new Form().audio("a.wav", new byte[0]));
    assertRefused(422, "no audio", new Form().audio("a.wav", Arrays.copyOf(wav, 44)));
    assertRefused(422, "no audio", new Form().audio("a.ogg", garbage));
    assertRefused(422, "'audio'", new Form().file("sound", "a.wav", wav));
    assertRefused(422, "'audio'", new Form().field("language", "sw"));
    assertRefused(422, "More than one", new Form().audio("a", wav).audio("b", wav));
    assertRefused(
        422, "include_insights", new Form().audio("a", wav).field("include_insights", "maybe"));
    assertRefused(422, "language", new Form().audio("a", wav).field("language", "../etc"));
    assertRefused(413, "field", new Form().audio("a", wav).field("x", "y".repeat(5000)));
    Form names = new Form().audio("a", wav);
    for (int i = 0; i < 20; i++) {
      names.field("n".repeat(4000) + i, "");
    }
    assertRefused(413, "fields are too large", names);
  }

  private static void assertRefused(int status, String why, Form form) throws Exception {
    HttpResponse<String> response = form.post(http(STREAM));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(text(HttpAnswers.json(response), "error")).contains(why);
  }

  @Test
  void tellsAFileThatBreaksOffInTheMiddleAsFailedOrHearsItsBegin() throws Exception {
    Path mp3 =
        ConvertedRecordings.converted(CARD.file(), folder.resolve("whole.mp3"), "-b:a", "64k");
    byte[] whole = ConvertedRecordings.bytes(mp3);
    byte[] cut = Arrays.copyOf(whole, whole.length / 2);

    JsonNode end = new Form().audio("cut.mp3", cut).stream(http(STREAM)).getLast();

    assertThat(text(end, "status")).isEqualTo("completed");
    String heard = text(end.get("result"), "transcription");
    assertThat(CARD.words()).startsWith(heard.substring(0, 20));
    assertThat(heard.length()).isLessThan(CARD.words().length());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../etc/passwd",
        "..\\\\..\\\\boot.ini",
        "/absolute/path.wav",
        "two\\u0007bells.wav",
      })
  void showsOnlyTheLastPartOfWhateverNameAClientGives(String name) throws Exception {
    List<JsonNode> events =
        new Form()
            .audio(name, HumanRecording.named("pin-jackson-1.wav").wav()).stream(http(STREAM));
    assertThat(text(events.getFirst(), "filename")).doesNotContain("/", "\\\\..", "\u0007");
    assertThat(text(events.getLast(), "status")).isEqualTo("completed");
  }

  @Test
  void countsWhatItDid() throws Exception {
    form(CARD).stream(http(STREAM));
    String metrics = HttpAnswers.get(http("/metrics")).body();
    List<String> lines = new ArrayList<>(metrics.lines().toList());
    lines.removeIf(line -> !line.startsWith("linescribe_files"));
    assertThat(lines)
        .anyMatch(
            line -> line.startsWith("linescribe_files_tasks_total{") && line.contains("completed"))
        .anyMatch(line -> line.startsWith("linescribe_files_audio_seconds_total"))
        .anyMatch(line -> line.equals("linescribe_files_queued 0.0"));
  }
}
