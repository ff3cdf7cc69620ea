package org.linescribe.api.recordings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.session.SessionId;
import org.linescribe.session.recordings.CallRecorder;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.testsupport.Patience;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.JsonNode;

class RecordingsApiTest {
  @TempDir private static Path folder;
  private static CallRecordings recordings;
  private static ApiServer server;

  /** The assembly's recordings. */
  static class Kept {
    @Bean
    CallRecordings callRecordings() {
      return recordings;
    }
  }

  @BeforeAll
  static void startServer() {
    recordings =
        new CallRecordings(
            new RecordingFolder(folder, RecordingFile.ON_DISK, StorageSettings.defaults()),
            CallRecordingSettings.defaults(),
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    server = ApiServer.start(new FakeSessions(), Map.of(), ApiConfiguration.class, Kept.class);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static String record(String session) throws Exception {
    CallRecorder recorder = recordings.begin(new SessionId(session), 2, 8000);
    recorder.write(0, new short[800], 0, 800);
    recorder.write(1, new short[800], 0, 800);
    recorder.close();
    assertThat(recorder.awaitClosed(Patience.LIMIT)).isTrue();
    return json(get(server.http("/recordings?session_id=" + session)))
        .get("recordings")
        .get(0)
        .get("recording_id")
        .asString();
  }

  @Test
  void listsAndServesARecordingWholeAndInARange() throws Exception {
    String id = record("one.two");
    JsonNode listed =
        json(get(server.http("/recordings?session_id=one.two"))).get("recordings").get(0);
    assertThat(listed.get("session_id").asString()).isEqualTo("one.two");
    assertThat(listed.get("bytes").asLong()).isEqualTo(44 + 3200);

    String path = server.http("/recordings/" + id.replace("%", "%25"));
    HttpResponse<String> whole = get(path);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.headers().firstValue("Content-Type")).contains("audio/wav");
    assertThat(whole.headers().firstValue("Content-Length")).contains("3244");
    HttpResponse<String> range = get(path, "Range", "bytes=0-3");
    assertThat(range.statusCode()).isEqualTo(206);
    assertThat(range.body()).isEqualTo("RIFF");
  }

  @Test
  void deletesARecording() throws Exception {
    String id = record("gone");
    HttpResponse<String> deleted =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(server.http("/recordings/" + id)))
                    .DELETE()
                    .build(),
                HttpResponse.BodyHandlers.ofString());

    assertThat(deleted.statusCode()).isEqualTo(204);
    assertThat(get(server.http("/recordings/" + id)).statusCode()).isEqualTo(404);
    assertThat(json(get(server.http("/recordings?session_id=gone"))).get("recordings")).isEmpty();
  }

  @Test
  void servesNothingElse() throws Exception {
    assertThat(get(server.http("/recordings/nobody_1768905000123")).statusCode()).isEqualTo(404);
    assertThat(get(server.http("/recordings/..%2Fx_1768905000123")).statusCode())
        .isGreaterThanOrEqualTo(400);
  }
}
