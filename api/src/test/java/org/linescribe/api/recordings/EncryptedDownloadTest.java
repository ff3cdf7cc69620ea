package org.linescribe.api.recordings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.SessionId;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;
import org.linescribe.session.recordings.CallRecorder;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingFiles;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.testsupport.Patience;
import org.springframework.context.annotation.Bean;

/** Recordings that lie encrypted are served as the WAV files that they were. */
class EncryptedDownloadTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** A minute: more than one piece of a download. */
  private static final int SAMPLES = 60 * 8000;

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
    recordings = recordings(1);
    server = ApiServer.start(new FakeSessions(), Map.of(), ApiConfiguration.class, Kept.class);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static CallRecordings recordings(int keySeed) {
    byte[] key = new byte[32];
    new Random(keySeed).nextBytes(key);
    EncryptionSettings settings =
        new EncryptionSettings(Base64.getEncoder().encodeToString(key), "");
    return new CallRecordings(
        new RecordingFolder(
            folder, new RecordingFiles(EncryptionKeys.of(settings)), StorageSettings.defaults()),
        CallRecordingSettings.defaults(),
        new SimpleMeterRegistry(),
        Clock.systemUTC());
  }

  private static byte[] noise() {
    byte[] pcm = new byte[2 * SAMPLES];
    new Random(5).nextBytes(pcm);
    return pcm;
  }

  /** Records a minute of one leg; the recording's id. */
  private static String record(CallRecordings at, String session) throws Exception {
    short[] samples = new short[SAMPLES];
    ByteBuffer.wrap(noise()).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
    CallRecorder recorder = at.begin(new SessionId(session), 1, 8000);
    recorder.write(0, samples, 0, SAMPLES);
    recorder.close();
    assertThat(recorder.awaitClosed(Patience.LIMIT)).isTrue();
    return at.list(Optional.of(new SessionId(session)), 1).getFirst().id();
  }

  private static HttpResponse<byte[]> download(String id, String range) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.http("/recordings/" + id)));
    if (!range.isEmpty()) {
      request.header("Range", "bytes=" + range);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static byte[] wav() {
    byte[] wav = Arrays.copyOf(WavWriter.header(8000, 1, 2 * SAMPLES), 44 + 2 * SAMPLES);
    System.arraycopy(noise(), 0, wav, 44, 2 * SAMPLES);
    return wav;
  }

  @Test
  void wholeAndInRanges() throws Exception {
    String id = record(recordings, "whole");
    HttpResponse<byte[]> whole = download(id, "");
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.headers().firstValue("Content-Type")).contains("audio/wav");
    assertThat(whole.body()).isEqualTo(wav());

    Random random = new Random(3);
    for (int times = 0; times < 30; times++) {
      int from = random.nextInt(wav().length);
      int to = Math.min(wav().length - 1, from + random.nextInt(200_000));
      HttpResponse<byte[]> range = download(id, from + "-" + to);
      assertThat(range.statusCode()).isEqualTo(206);
      assertThat(range.headers().firstValue("Content-Range"))
          .contains("bytes " + from + "-" + to + "/" + wav().length);
      assertThat(range.body()).isEqualTo(Arrays.copyOfRange(wav(), from, to + 1));
    }
    assertThat(download(id, wav().length + "-").statusCode()).isEqualTo(416);
    String tag = whole.headers().firstValue("ETag").orElseThrow();
    assertThat(get(server.http("/recordings/" + id), "If-None-Match", tag).statusCode())
        .isEqualTo(304);
  }

  @Test
  void withoutItsKeyItIsListedAndItsDownloadSaysWhatIsMissing() throws Exception {
    CallRecordings elsewhere = recordings(2);
    String id = record(elsewhere, "other-key");

    assertThat(
            json(get(server.http("/recordings?session_id=other-key")))
                .get("recordings")
                .get(0)
                .get("bytes")
                .asLong())
        .isEqualTo(wav().length);
    HttpResponse<String> refused = get(server.http("/recordings/" + id));
    assertThat(refused.statusCode()).isEqualTo(500);
    assertThat(json(refused).get("code").asString()).isEqualTo("recording_key_missing");
    assertThat(json(refused).get("key_id").asString()).matches("[0-9a-f]{16}");
  }

  @Test
  void whatWasChangedOrCutOffIsNotServed() throws Exception {
    String id = record(recordings, "changed");
    Path file = folder.resolve(id + ".wav");
    byte[] whole = Files.readAllBytes(file);
    byte[] changed = whole.clone();
    changed[64 + 50 * 4096 + 99] ^= 1;
    Files.write(file, changed);

    HttpResponse<byte[]> inIt = download(id, (44 + 50 * 4064) + "-" + (44 + 50 * 4064));
    assertThat(inIt.statusCode()).isEqualTo(500);
    assertThat(new String(inIt.body(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("recording_damaged");
    assertThat(download(id, "0-4000").statusCode()).as("before it").isEqualTo(206);
    assertThatThrownBy(() -> download(id, ""))
        .as("far behind the status: the answer breaks off")
        .isInstanceOf(IOException.class);

    Files.write(file, Arrays.copyOf(whole, whole.length - 4096));
    assertThat(download(id, "").statusCode()).isEqualTo(500);
    Files.write(file, whole);
    assertThat(download(id, "").body()).isEqualTo(wav());
  }
}
