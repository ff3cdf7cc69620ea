package org.linescribe.api.webhooks;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.calls.QualitySample;
import org.linescribe.session.calls.QualityThresholds;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** A server that tells receivers of {@link FakeSessions}. */
abstract class ServedWebhooks {
  private static final SourceListener NOBODY =
      new SourceListener() {
        @Override
        public void onEvent(TranscriptEvent event) {}

        @Override
        public void onClosed(SourceClosed reason) {}
      };

  @TempDir Path data;
  final FakeSessions sessions = new FakeSessions();
  final Map<String, Object> settings = new TreeMap<>();

  /** The assembly's recordings and call log. */
  static class Recordings {
    @Bean
    CallLog callLog() {
      return new TellingCallLog();
    }

    @Bean
    CallRecordings callRecordings(Environment environment, MeterRegistry meters) {
      Path folder = Path.of(environment.getRequiredProperty("linescribe.data"), "recordings");
      return new CallRecordings(
          new RecordingFolder(folder, RecordingFile.ON_DISK, StorageSettings.defaults()),
          CallRecordingSettings.defaults(),
          meters,
          Clock.systemUTC());
    }
  }

  /** Tells of records and keeps none. */
  private static final class TellingCallLog implements CallLog {
    private Listener told = _ -> {};

    @Override
    public void keep(CallRecord record) {
      try {
        told.onCall(record);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onKeep(Listener listener) {
      told = listener;
    }

    @Override
    public List<CallRecord> list(Optional<Instant> startedBefore, int limit) {
      return List.of();
    }

    @Override
    public Optional<CallRecord> newest(SessionId sessionId) {
      return Optional.empty();
    }
  }

  ApiServer start(WebhookReceiver... receivers) {
    settings.put("linescribe.data", data.toString());
    settings.putIfAbsent("linescribe.webhooks.allow-private", "true");
    settings.put("linescribe.webhooks.first-retry", "10ms");
    settings.put("linescribe.webhooks.last-retry", "50ms");
    for (int i = 0; i < receivers.length; i++) {
      String endpoint = "linescribe.webhooks.endpoints[" + i + "].";
      settings.put(endpoint + "name", "receiver-" + i);
      settings.put(endpoint + "url", receivers[i].url());
      settings.put(endpoint + "secret", WebhookReceiver.SECRET);
    }
    return ApiServer.start(sessions, settings, ApiConfiguration.class, Recordings.class);
  }

  FakeSession open(String id) throws Exception {
    return open(id, Optional.empty());
  }

  FakeSession open(String id, Optional<String> owner) throws Exception {
    sessions.open(
        new SourceRequest(
            new SessionId(id),
            "sip",
            owner,
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
            RecognitionRequest.DEFAULT,
            Map.of()),
        NOBODY);
    return sessions.session(id);
  }

  static void end(FakeSession session) {
    await().until(() -> session.readers() > 0);
    session.announceEnd("bye");
  }

  static void alert(ApiServer server, String id, QualityAlert.Direction direction) {
    server
        .bean(QualityAlert.Listener.class)
        .onAlert(
            new QualityAlert(
                new SessionId(id),
                Instant.parse("2026-01-20T10:30:05Z"),
                "caller",
                direction,
                new QualitySample(5000, 12.5, 3),
                new QualityThresholds(2.6, 10)));
  }

  boolean nothingIsKeptIn(String folder) throws Exception {
    try (Stream<Path> files = Files.list(data.resolve("webhooks").resolve(folder))) {
      return files.findAny().isEmpty();
    }
  }

  static HttpResponse<String> send(
      ApiServer server, String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.http(path)))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
