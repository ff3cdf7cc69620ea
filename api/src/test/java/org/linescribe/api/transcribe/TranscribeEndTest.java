package org.linescribe.api.transcribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceClosed;

/** How a source ends, and what its client is told. */
class TranscribeEndTest {
  private static final byte[] FRAME = new byte[160];

  private static TranscribeServer api;

  @BeforeAll
  static void startServer() {
    Arrays.fill(FRAME, (byte) 0xFF);
    api = new TranscribeServer();
  }

  @AfterAll
  static void stopServer() {
    api.close();
  }

  @Test
  void endsTheSourceWhenTheClientDropsTheConnection() {
    FakeSession session = api.session("dropped");
    WebSocketClient client = api.source("dropped", "?codec=pcmu");
    client.send(FRAME);
    await().until(() -> session.samples() == FRAME.length);

    client.abort();

    await().until(() -> session.ends().equals(List.of("disconnect")));
  }

  @Test
  void closesTheOlderOfTwoSourcesAsSuperseded() throws InterruptedException {
    try (WebSocketClient older = api.source("twice", "?codec=pcmu")) {
      try (WebSocketClient newer = api.connect("twice?codec=pcmu")) {
        assertThat(older.closed().code()).isEqualTo(4001);
        assertThat(older.closed().reason()).startsWith("superseded");
        newer.send(FRAME);
        assertThat(newer.next()).contains("\"partial\"");
      }
    }
  }

  @Test
  void tellsASupersededSourceWhyWhileItIsSendingAtFullSpeed() {
    try (WebSocketClient older = api.source("busy", "?codec=pcmu")) {
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    byte[] big = new byte[8000];
                    while (!older.isClosed() && !Thread.currentThread().isInterrupted()) {
                      try {
                        older.send(big);
                      } catch (RuntimeException closed) {
                        return;
                      }
                    }
                  });
      await().until(() -> api.session("busy").samples() > 100_000);

      api.session("busy").closes(SourceClosed.SUPERSEDED);

      assertThat(older.closed().code()).isEqualTo(4001);
      sender.interrupt();
    }
  }

  @Test
  void closesWithTheCodeOfTheReasonForWhichTheSessionClosed() {
    closesWith("closed-draining", SourceClosed.DRAINING, 1001);
    closesWith("closed-failed", SourceClosed.FAILED, 1011);
    closesWith("closed-long", SourceClosed.TOO_LONG, 1008);
    closesWith("closed-idle", SourceClosed.IDLE, 1000);
  }

  private static void closesWith(String id, SourceClosed reason, int code) {
    try (WebSocketClient client = api.source(id, "?codec=pcmu")) {
      api.session(id).closes(reason);
      assertThat(client.closed().code()).isEqualTo(code);
    }
  }

  @Test
  void closesWithTheCodeOfTheReasonForWhichTheSessionWasRefused() {
    FakeSessions full = new FakeSessions();
    try (ApiServer overloaded = ApiServer.start(full, Map.of())) {
      String uri = overloaded.ws("/ws/transcribe/x");
      for (var expected :
          Map.of(
                  SessionRefusedException.Reason.OVERLOADED, 1013,
                  SessionRefusedException.Reason.STORE_UNAVAILABLE, 1013,
                  SessionRefusedException.Reason.DRAINING, 1001,
                  SessionRefusedException.Reason.UNSUPPORTED, 1008)
              .entrySet()) {
        full.refuse(new SessionRefusedException(expected.getKey(), "why", Duration.ofSeconds(7)));
        WebSocketClient.Closed closed = WebSocketClient.connect(uri).closed();
        assertThat(closed.code()).as(expected.getKey().name()).isEqualTo(expected.getValue());
        if (closed.code() == 1013) {
          assertThat(closed.reason()).endsWith("why; retry after 7 s");
        }
      }
    }
  }

  @Test
  void closesWith1011WhenTheSessionFailsUnexpectedly() {
    FakeSessions broken = new FakeSessions();
    broken.fail(new IllegalStateException("made by the test"));
    try (ApiServer failing = ApiServer.start(broken, Map.of())) {
      assertThat(WebSocketClient.connect(failing.ws("/ws/transcribe/x")).closed().code())
          .isEqualTo(1011);
    }
  }
}
