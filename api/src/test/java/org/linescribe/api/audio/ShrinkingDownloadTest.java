package org.linescribe.api.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.session.SessionId;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;
import org.linescribe.session.recordings.CallRecorder;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingAudio;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFiles;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.testsupport.Patience;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * A recording that becomes shorter between the look at its length and its download: a client must
 * not wait for bytes that never come, nor take the answer for whole.
 */
class ShrinkingDownloadTest {
  /** A minute: more than one piece of a download. */
  private static final int SAMPLES = 60 * 8000;

  private static final int ENCRYPTED_SLOT_BYTES = 4096;
  private static final int FILE_HEADER_BYTES = 64;

  @TempDir private static Path folder;
  private static ApiServer server;
  private static volatile @Nullable RecordingAudio served;

  /** Serves a recording as it was when the test looked at it. */
  static class Served {
    @Bean
    RouterFunction<ServerResponse> shrinking(BlockingCalls blocking) {
      return RouterFunctions.route()
          .GET("/shrinking", request -> new WavDownload(audio(), blocking).serve(request))
          .build();
    }

    private static RecordingAudio audio() {
      return Optional.ofNullable(served).orElseThrow();
    }
  }

  @BeforeAll
  static void startServer() {
    server = ApiServer.start(new FakeSessions(), Map.of(), ApiConfiguration.class, Served.class);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static CallRecordings recordings(RecordingFile.Store files) {
    return new CallRecordings(
        new RecordingFolder(folder, files, StorageSettings.defaults()),
        CallRecordingSettings.defaults(),
        new SimpleMeterRegistry(),
        Clock.systemUTC());
  }

  private static RecordingFiles encrypted() {
    String key = Base64.getEncoder().encodeToString(new byte[32]);
    return new RecordingFiles(EncryptionKeys.of(new EncryptionSettings(key, "")));
  }

  private static CallRecorder begin(CallRecordings at, String session) throws IOException {
    CallRecorder recorder = at.begin(new SessionId(session), 1, 8000);
    recorder.write(0, new short[SAMPLES], 0, SAMPLES);
    return recorder;
  }

  private static void close(CallRecorder recorder) throws Exception {
    recorder.close();
    assertThat(recorder.awaitClosed(Patience.LIMIT)).isTrue();
  }

  private static CallRecordings.Kept kept(CallRecordings at, String session) throws IOException {
    return at.list(Optional.of(new SessionId(session)), 1).getFirst();
  }

  private static void shorten(CallRecordings.Kept kept, long bytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(folder.resolve(kept.id() + ".wav"), StandardOpenOption.WRITE)) {
      file.truncate(bytes);
    }
  }

  private static HttpResponse<byte[]> download() throws Exception {
    return HttpClient.newHttpClient()
        .sendAsync(
            HttpRequest.newBuilder(URI.create(server.http("/shrinking"))).build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private static void isDamaged(HttpResponse<byte[]> answer) {
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("recording_damaged");
  }

  @Test
  void aClosedOneWithoutItsEndIsDamaged() throws Exception {
    CallRecordings recordings = recordings(encrypted());
    close(begin(recordings, "closed"));
    CallRecordings.Kept kept = kept(recordings, "closed");
    served = recordings.audio(kept);
    shorten(kept, FILE_HEADER_BYTES + 50 * ENCRYPTED_SLOT_BYTES);

    isDamaged(download());
  }

  /** In its first piece that is told by a status, behind it the answer breaks off. */
  @Test
  void oneInRecordingIsDamagedOrBreaksOff() throws Exception {
    CallRecordings recordings = recordings(encrypted());
    CallRecorder recorder = begin(recordings, "open");
    CallRecordings.Kept kept = kept(recordings, "open");
    await().until(() -> recordings.audio(kept).bytes() > 200_000);
    served = recordings.audio(kept);

    shorten(kept, FILE_HEADER_BYTES + 40 * ENCRYPTED_SLOT_BYTES);
    assertThatThrownBy(ShrinkingDownloadTest::download).hasRootCauseInstanceOf(IOException.class);

    shorten(kept, FILE_HEADER_BYTES + 2 * ENCRYPTED_SLOT_BYTES);
    isDamaged(download());
    close(recorder);
  }

  @Test
  void aPlainOneBreaksOff() throws Exception {
    CallRecordings recordings = recordings(RecordingFile.ON_DISK);
    close(begin(recordings, "plain"));
    CallRecordings.Kept kept = kept(recordings, "plain");
    served = recordings.audio(kept);
    shorten(kept, 1000);

    assertThatThrownBy(ShrinkingDownloadTest::download).hasRootCauseInstanceOf(IOException.class);
  }
}
