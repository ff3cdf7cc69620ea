package org.linescribe.api.transcribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.FakeSessions.FakeSession;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceClosed;

class TranscribeDoorTest {
  private static final byte[] FRAME = new byte[160];

  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    Arrays.fill(FRAME, (byte) 0xFF);
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, Map.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static WebSocketClient connect(String pathAndQuery) {
    return WebSocketClient.connect(server.ws("/ws/transcribe/" + pathAndQuery));
  }

  /** Connects and waits until the session has the source. */
  private static WebSocketClient source(String id, String query) {
    WebSocketClient client = connect(id + query);
    await().until(() -> sessions.session(id).request() != null);
    return client;
  }

  private static double count(String meter) {
    return server.bean(MeterRegistry.class).get(meter).counter().count();
  }

  @Test
  void decodesFramesOfAnySizeInOrder() {
    byte[] codes = new byte[5000];
    new Random(711).nextBytes(codes);
    FakeSession session = sessions.session("any-size");

    try (WebSocketClient client = source("any-size", "?codec=pcma")) {
      int at = 0;
      for (int size : new int[] {1, 3, 160, 0, 320, 2000, 2516}) {
        client.send(Arrays.copyOfRange(codes, at, at + size));
        at += size;
      }
      await().until(() -> session.samples() == codes.length);
    }

    float[] expected = new float[codes.length];
    G711Law.PCMA.decode(codes, 0, codes.length, expected, 0);
    assertThat(session.audio()).isEqualTo(expected);
  }

  @Test
  void sendsExactlyTheDocumentedMembers() throws InterruptedException {
    FakeSession session = sessions.session("members");
    try (WebSocketClient client = source("members", "?codec=pcmu")) {
      session.hears("hello wor");
      assertThat(client.next())
          .isEqualTo("{\"type\":\"partial\",\"text\":\"hello wor\",\"seq\":1}");

      session.ends("hello world");
      assertThat(client.next())
          .isEqualTo("{\"type\":\"final\",\"text\":\"hello world\",\"seq\":1}");
    }
  }

  @Test
  void answersAWaitingClientWithTheUnchangedText() throws InterruptedException {
    FakeSession session = sessions.session("waiting");
    try (WebSocketClient client = source("waiting", "?codec=pcmu")) {
      for (int frame = 0; frame < 20; frame++) {
        client.send(FRAME);
        assertThat(client.next()).isEqualTo("{\"type\":\"partial\",\"text\":\"\",\"seq\":1}");
      }
      session.hears("one");
      assertThat(client.next()).contains("one");
      client.send(FRAME);
      assertThat(client.next()).isEqualTo("{\"type\":\"partial\",\"text\":\"one\",\"seq\":1}");
    }
  }

  @Test
  void neverLeavesAWaitingClientWithoutAMessageWhateverTheSessionSaysMeanwhile()
      throws InterruptedException {
    FakeSession session = sessions.session("races");
    WebSocketClient client = source("races", "?codec=pcmu");
    Thread chatter =
        Thread.ofVirtual()
            .start(
                () -> {
                  Random random = new Random(60);
                  for (int n = 1; !Thread.currentThread().isInterrupted(); n++) {
                    if (n % 7 == 0) {
                      session.ends("word " + n);
                    } else {
                      session.hears("word " + n);
                    }
                    LockSupport.parkNanos(Duration.ofMillis(20 + random.nextInt(60)).toNanos());
                  }
                });
    try (client) {
      for (int frame = 0; frame < 100; frame++) {
        client.send(FRAME);
        client.next();
      }
      assertFinalsAreNeverFollowedByTheirOwnPartials(client);
    } finally {
      chatter.interrupt();
    }
  }

  private static void assertFinalsAreNeverFollowedByTheirOwnPartials(WebSocketClient client) {
    long lastFinal = 0;
    for (String message : client.received()) {
      long seq = Long.parseLong(message.replaceAll(".*\"seq\":(\\d+).*", "$1"));
      if (message.contains("\"final\"")) {
        assertThat(seq).isEqualTo(lastFinal + 1);
        lastFinal = seq;
      } else {
        assertThat(seq).isGreaterThan(lastFinal);
      }
    }
    assertThat(lastFinal).isPositive();
  }

  @Test
  void detectsTheLawAndLosesNoneOfTheAudioThatDecidedIt() {
    for (G711Law law : G711Law.values()) {
      short[] pcm = new short[16_000];
      for (int i = 0; i < pcm.length; i++) {
        pcm[i] = (short) (9000 * Math.sin(i * 0.31) + 3000 * Math.sin(i * 0.047));
      }
      byte[] codes = new byte[pcm.length];
      law.encode(pcm, 0, pcm.length, codes, 0);
      FakeSession session = sessions.session("auto-" + law);

      try (WebSocketClient client = source("auto-" + law, "")) {
        for (int at = 0; at < codes.length; at += 20) {
          client.send(Arrays.copyOfRange(codes, at, at + 20));
        }
        await().until(() -> session.samples() == codes.length);
      }

      float[] expected = new float[codes.length];
      law.decode(codes, 0, codes.length, expected, 0);
      assertThat(session.audio()).as(law.name()).isEqualTo(expected);
    }
  }

  @Test
  void answersAWaitingClientWhileTheLawIsUndecidedAndThenKeepsItsAudio()
      throws InterruptedException {
    FakeSession session = sessions.session("undecided");
    try (WebSocketClient client = source("undecided", "?codec=auto")) {
      client.send(new byte[] {1, 2, 3});
      assertThat(client.next()).isEqualTo("{\"type\":\"partial\",\"text\":\"\",\"seq\":1}");
      assertThat(session.samples()).isZero();
    }
    await().until(() -> session.ends().equals(List.of("disconnect")));
    assertThat(session.samples()).isEqualTo(3);
  }

  @Test
  void stopsReadingWhileTheSessionsQueueIsFullAndLosesNothing() {
    FakeSession session = sessions.session("full");
    session.room(8000);
    byte[] codes = new byte[400_000];
    new Random(8).nextBytes(codes);

    try (WebSocketClient client = source("full", "?codec=pcmu")) {
      for (int at = 0; at < codes.length; at += 4000) {
        client.send(Arrays.copyOfRange(codes, at, at + 4000));
      }
      await().until(() -> session.samples() == 8000);
      double pauses = count("linescribe.api.transcribe.pauses");
      assertThat(pauses).isPositive();
      while (session.samples() < codes.length) {
        int before = session.samples();
        session.writable(8000);
        await().pollInterval(Duration.ofMillis(2)).until(() -> session.samples() > before);
      }
    }

    float[] expected = new float[codes.length];
    G711Law.PCMU.decode(codes, 0, codes.length, expected, 0);
    assertThat(session.audio()).isEqualTo(expected);
    await().until(() -> session.ends().equals(List.of("disconnect")));
  }

  @Test
  void deliversWhatArrivedBeforeACloseEvenWhenTheQueueWasFull() {
    FakeSession session = sessions.session("full-then-gone");
    session.room(800);
    try (WebSocketClient client = source("full-then-gone", "?codec=pcmu")) {
      for (int frame = 0; frame < 50; frame++) {
        client.send(FRAME);
      }
    }
    await().until(() -> session.samples() == 800);
    assertThat(session.ends()).isEmpty();

    session.writable(Integer.MAX_VALUE);

    await().until(() -> session.ends().equals(List.of("disconnect")));
    assertThat(session.samples()).isEqualTo(50 * FRAME.length);
  }

  @Test
  void endsTheSourceWhenTheClientDropsTheConnection() {
    FakeSession session = sessions.session("dropped");
    WebSocketClient client = source("dropped", "?codec=pcmu");
    client.send(FRAME);
    await().until(() -> session.samples() == FRAME.length);

    client.abort();

    await().until(() -> session.ends().equals(List.of("disconnect")));
  }

  @Test
  void closesTheOlderOfTwoSourcesAsSuperseded() throws InterruptedException {
    try (WebSocketClient older = source("twice", "?codec=pcmu")) {
      try (WebSocketClient newer = connect("twice?codec=pcmu")) {
        assertThat(older.closed().code()).isEqualTo(4001);
        assertThat(older.closed().reason()).startsWith("superseded");
        newer.send(FRAME);
        assertThat(newer.next()).contains("\"partial\"");
      }
    }
  }

  @Test
  void tellsASupersededSourceWhyWhileItIsSendingAtFullSpeed() {
    try (WebSocketClient older = source("busy", "?codec=pcmu")) {
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
      await().until(() -> sessions.session("busy").samples() > 100_000);

      sessions.session("busy").closes(SourceClosed.SUPERSEDED);

      assertThat(older.closed().code()).isEqualTo(4001);
      sender.interrupt();
    }
  }

  @Test
  void staysOpenOnTextFramesAndCountsThem() throws InterruptedException {
    double before = count("linescribe.api.transcribe.frames.text");
    try (WebSocketClient client = source("text", "?codec=pcmu")) {
      client.send("{\"audio\": \"no\"}");
      client.send("");
      client.send(FRAME);

      assertThat(client.next()).contains("\"partial\"");
      assertThat(count("linescribe.api.transcribe.frames.text")).isEqualTo(before + 2);
    }
  }

  @Test
  void skipsAFrameWhoseProcessingFails() {
    FakeSession session = sessions.session("skipped");
    try (WebSocketClient client = source("skipped", "?codec=pcmu")) {
      session.failNextAccept(new IllegalStateException("made by the test"));
      client.send(FRAME);
      client.send(FRAME);
      client.send(FRAME);
      await().until(() -> session.samples() == 2 * FRAME.length);
      assertThat(client.isClosed()).isFalse();
    }
  }

  @Test
  void refusesAMessageOverTheLimitWith1009AndEndsTheSource() {
    FakeSession session = sessions.session("huge");
    WebSocketClient client = source("huge", "?codec=pcmu");
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                client.send(new byte[3 << 20]);
              } catch (RuntimeException closedMeanwhile) {
                // The server need not take all of it.
              }
            });

    assertThat(client.closed().code()).isEqualTo(1009);
    await().until(() -> session.ends().contains("disconnect"));
  }

  @Test
  void refusesAFragmentedMessageOverTheLimitWith1009() {
    WebSocketClient client = source("huge-parts", "?codec=pcmu");
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                for (int part = 0; part < 40; part++) {
                  client.sendPart(new byte[100_000], false);
                }
              } catch (RuntimeException closedMeanwhile) {
                // The server need not take all of it.
              }
            });

    assertThat(client.closed().code()).isEqualTo(1009);
  }

  @Test
  void takesAFragmentedMessageWithinTheLimit() {
    FakeSession session = sessions.session("parts");
    try (WebSocketClient client = source("parts", "?codec=pcmu")) {
      client.sendPart(FRAME, false);
      client.sendPart(FRAME, false);
      client.ping();
      client.sendPart(FRAME, true);
      await().until(() -> session.samples() == 3 * FRAME.length);
    }
  }

  @Test
  void takesThousandsOfTinyFrames() {
    FakeSession session = sessions.session("tiny");
    try (WebSocketClient client = source("tiny", "?codec=pcmu")) {
      for (int frame = 0; frame < 10_000; frame++) {
        client.send(new byte[] {(byte) frame});
      }
      await().until(() -> session.samples() == 10_000);
      assertThat(client.isClosed()).isFalse();
    }
  }

  @Test
  void endsTheOpenUtteranceOfASourceThatSendsNoMore() {
    FakeSession session = sessions.session("stalled");
    try (WebSocketClient client = source("stalled", "?codec=pcmu")) {
      client.send(FRAME);
      await().until(() -> session.flushes() == 1);
      assertThat(session.ends()).isEmpty();
    }
  }

  @Test
  void closesWithTheReasonWhenTheRequestIsBad() {
    assertThat(connect("bad%20id").closed())
        .isEqualTo(
            new WebSocketClient.Closed(
                1008, "session_id: expected 1 to 128 of A-Z a-z 0-9 . _ ~ -, not only dots"));
    assertThat(connect("x?codec=opus").closed())
        .isEqualTo(new WebSocketClient.Closed(1008, "codec: expected auto, pcmu or pcma"));
    assertThat(connect("x?endpoint_ms=99").closed().code()).isEqualTo(1008);
    assertThat(connect("x?endpoint_ms=soon").closed().code()).isEqualTo(1008);
  }

  @Test
  void dropsPartialsButNoFinalTowardsASourceThatDoesNotRead() throws InterruptedException {
    FakeSession session = sessions.session("deaf");
    String text = "many words that fill the buffers of the network ".repeat(200);
    int rounds = 900;
    try (WebSocketClient client =
        WebSocketClient.connectWithoutReading(server.ws("/ws/transcribe/deaf?codec=pcmu"))) {
      await().until(() -> session.request() != null);
      for (int round = 0; round < rounds; round++) {
        for (int revision = 0; revision < 10; revision++) {
          session.hears(text);
        }
        session.ends(text);
      }

      client.read(Long.MAX_VALUE);

      int finals = 0;
      while (finals < rounds) {
        String message = client.next();
        if (message.startsWith("{\"type\":\"final\"")) {
          finals++;
          assertThat(message).endsWith("\"seq\":" + finals + "}");
        }
      }
      assertThat(client.received()).hasSizeLessThan(rounds * 11 / 2);
    }
  }

  @Test
  void closesASourceThatLeavesTooManyFinalsUnreadWith1008() throws InterruptedException {
    FakeSession session = sessions.session("too-slow");
    String text = "many words that fill the buffers of the network ".repeat(200);
    double before = count("linescribe.api.transcribe.readers.slow");
    try (WebSocketClient client =
        WebSocketClient.connectWithoutReading(server.ws("/ws/transcribe/too-slow?codec=pcmu"))) {
      await().until(() -> session.request() != null);
      int finals = 0;
      while (count("linescribe.api.transcribe.readers.slow") == before && finals < 5000) {
        session.ends(text);
        finals++;
      }

      client.read(Long.MAX_VALUE);

      assertThat(client.closed().code()).isEqualTo(1008);
      assertThat(client.closed().reason()).startsWith("too slow");
      await().until(() -> session.ends().equals(List.of("disconnect")));
    }
  }

  @Test
  void answersAPlainRequestWithAnErrorInWords() throws IOException, InterruptedException {
    HttpResponse<String> response = get(server.http("/ws/transcribe/plain"));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).get("error").asString()).contains("Upgrade");
  }

  @Test
  void passesTheEndpointSilenceOn() {
    try (WebSocketClient client = source("endpoint", "?codec=pcmu&endpoint_ms=450")) {
      assertThat(client.isClosed()).isFalse();
      assertThat(sessions.session("endpoint").request().endpointSilence())
          .contains(Duration.ofMillis(450));
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
    try (WebSocketClient client = source(id, "?codec=pcmu")) {
      sessions.session(id).closes(reason);
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
