package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.HumanRecording;
import org.springframework.context.annotation.Bean;

/** The uploads of all clients together stay within a quota. */
class UploadBoundsTest {
  private static final int MOST_BYTES = 1000;

  @TempDir private Path folder;

  static class SmallStorage {
    @Bean
    StorageSettings storageSettings() {
      return SettingsDefaults.of(StorageSettings.class, Map.of("maxUploads", (long) MOST_BYTES));
    }
  }

  /** The whole form is read, so that the client, which is still sending, gets its answer. */
  @Test
  void aFormOfAHundredThousandPartsGetsItsAnswer() throws Exception {
    Form form = new Form();
    for (int i = 0; i < 100_000; i++) {
      form.field("f" + i, "x");
    }
    try (ApiServer server =
        ApiServer.start(
            new FakeSessions(), Map.of("linescribe.files.directory", folder.toString()))) {
      for (String path :
          List.of(
              "/audio/process",
              "/audio/process-stream",
              "/audio/process-stream-realtime",
              "/stt/stream-chunk",
              "/v1/audio/transcriptions")) {
        assertThat(form.post(server.http(path)).statusCode()).as(path).isEqualTo(413);
      }
    }
  }

  @Test
  void refusesAnUploadBeyondTheQuotaAndTakesItWhenThereIsSpace() throws Exception {
    try (ApiServer server =
        ApiServer.start(
            new FakeSessions(),
            Map.of("linescribe.files.directory", folder.toString()),
            ApiConfiguration.class,
            SmallStorage.class)) {
      Path another = Files.write(folder.resolve("another"), new byte[MOST_BYTES]);
      Form form = new Form().audio("a.wav", HumanRecording.named("pin-jackson-1.wav").wav());

      HttpResponse<String> full = form.post(server.http("/audio/process"));
      Files.delete(another);
      HttpResponse<String> taken = form.post(server.http("/audio/process"));

      assertThat(full.statusCode()).isEqualTo(507);
      assertThat(full.body()).contains("linescribe.storage.max-uploads: 1000");
      assertThat(taken.statusCode()).isEqualTo(202);
    }
  }
}
