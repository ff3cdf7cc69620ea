package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallLog;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.SipCaller;

/** Real calls while a receiver of webhooks takes connections and never answers. */
final class DeadWebhookTest {
  private static final int MAX_PENDING = 2;

  @TempDir Path data;

  @Test
  void callsAreTranscribedAndEndAndWhatWaitsForTheReceiverIsBounded() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      List<String> settings = new ArrayList<>(List.of(TestGateway.UNHURRIED));
      settings.add("--linescribe.webhooks.max-pending=" + MAX_PENDING);
      settings.addAll(
          TestGateway.webhook("silent", "http://127.0.0.1:" + silent.getLocalPort() + "/"));
      try (TestGateway gateway = new TestGateway(data, settings.toArray(String[]::new))) {
        Sessions sessions = gateway.part(Sessions.class);
        int calls = MAX_PENDING + 2;
        List<CallReport> reports;
        try (SipCaller caller = new SipCaller(gateway.sipUri(), G711Law.PCMU)) {
          reports = gateway.place(caller, G711Law.PCMU, TestGateway.humanCalls().subList(0, calls));
        }
        for (CallReport report : reports) {
          assertThat(report.text()).as("%s", report).isNotEmpty();
          SessionId id = new SessionId(report.sessionId());
          await().until(() -> !sessions.isLive(id));
          assertThat(sessions.segments(id, 1, 10)).isNotEmpty();
        }
        // Told before the record is kept: call.ended of each call is spooled or refused by now.
        CallLog records = gateway.part(CallLog.class);
        for (CallReport report : reports) {
          SessionId id = new SessionId(report.sessionId());
          await().until(() -> records.newest(id).isPresent());
        }
        MeterRegistry meters = gateway.part(MeterRegistry.class);
        assertThat(
                meters.get("linescribe.webhooks.pending").tag("endpoint", "silent").gauge().value())
            .isEqualTo(MAX_PENDING);
        assertThat(
                meters
                    .get("linescribe.webhooks.refused")
                    .tag("endpoint", "silent")
                    .counter()
                    .count())
            .as("call.ended of a refused session is refused with it")
            .isEqualTo(calls - MAX_PENDING);
        try (Stream<Path> events = Files.list(data.resolve("webhooks/silent/events"))) {
          assertThat(events.map(DeadWebhookTest::content))
              .hasSize(MAX_PENDING)
              .allMatch(event -> event.contains("call.ended"));
        }
      }
    }
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
