package org.linescribe.api.transcribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.FakeSession;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.g711.G711Law;

/** Queues that are full, messages that are too large, and clients that do not read. */
class TranscribeFlowTest {
  private static final byte[] FRAME = new byte[160];

  private static final Executor SENDER = task -> Thread.ofVirtual().start(task);

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
  void stopsReadingWhileTheSessionsQueueIsFullAndLosesNothing() {
    FakeSession session = api.session("full");
    session.space(8000);
    byte[] codes = new byte[400_000];
    new Random(8).nextBytes(codes);

    double pausesBefore = api.count("linescribe.api.transcribe.pauses");
    try (WebSocketClient client = api.source("full", "?codec=pcmu")) {
      // The network's buffers need not hold all that the API does not read.
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(() -> sendAll(client, codes), SENDER);
      await().until(() -> api.count("linescribe.api.transcribe.pauses") > pausesBefore);
      assertThat(session.samples()).isEqualTo(8000);
      while (session.samples() < codes.length) {
        int before = session.samples();
        session.writable(8000);
        await().pollInterval(Duration.ofMillis(2)).until(() -> session.samples() > before);
      }
      sent.join();
    }

    short[] expected = new short[codes.length];
    G711Law.PCMU.decode(codes, 0, codes.length, expected, 0);
    assertThat(session.audio()).isEqualTo(expected);
    await().until(() -> session.ends().equals(List.of("disconnect")));
  }

  private static void sendAll(WebSocketClient client, byte[] codes) {
    for (int at = 0; at < codes.length; at += 4000) {
      client.send(Arrays.copyOfRange(codes, at, at + 4000));
    }
  }

  @Test
  void deliversWhatArrivedBeforeACloseEvenWhenTheQueueWasFull() {
    FakeSession session = api.session("full-then-gone");
    session.space(800);
    try (WebSocketClient client = api.source("full-then-gone", "?codec=pcmu")) {
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

  /** Clients cut the connection when their close is not answered within 10 to 30 s. */
  @Test
  void answersTheCloseOfAClientWhoseAudioWaitsAndLosesNoneOfIt() {
    FakeSession session = api.session("hasty");
    session.space(800);
    byte[] codes = new byte[4_000_000];
    new Random(9).nextBytes(codes);
    WebSocketClient client = api.source("hasty", "?codec=pcmu");
    sendAll(client, codes);

    client.sayGoodbye();

    assertThat(client.closed().code()).isEqualTo(1000);
    assertThat(session.samples()).isEqualTo(800);
    assertThat(session.ends()).isEmpty();
    session.writable(Integer.MAX_VALUE);
    await().until(() -> session.ends().equals(List.of("disconnect")));
    short[] expected = new short[codes.length];
    G711Law.PCMU.decode(codes, 0, codes.length, expected, 0);
    assertThat(session.audio()).isEqualTo(expected);
    await().until(() -> api.gauge("linescribe.api.websocket.read.ahead") == 0);
  }

  @Test
  void refusesAMessageOverTheLimitWith1009AndEndsTheSource() {
    FakeSession session = api.session("huge");
    WebSocketClient client = api.source("huge", "?codec=pcmu");
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
    WebSocketClient client = api.source("huge-parts", "?codec=pcmu");
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
  void dropsPartialsButNoFinalTowardsASourceThatDoesNotRead() throws InterruptedException {
    FakeSession session = api.session("deaf");
    String text = "many words that fill the buffers of the network ".repeat(200);
    int rounds = 900;
    try (WebSocketClient client =
        WebSocketClient.connectWithoutReading(api.uri("deaf?codec=pcmu"))) {
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
    FakeSession session = api.session("too-slow");
    String text = "many words that fill the buffers of the network ".repeat(200);
    double before = api.count("linescribe.api.transcribe.readers.slow");
    try (WebSocketClient client =
        WebSocketClient.connectWithoutReading(api.uri("too-slow?codec=pcmu"))) {
      await().until(() -> session.request() != null);
      int finals = 0;
      while (api.count("linescribe.api.transcribe.readers.slow") == before && finals < 5000) {
        session.ends(text);
        finals++;
      }

      client.read(Long.MAX_VALUE);

      assertThat(client.closed().code()).isEqualTo(1008);
      assertThat(client.closed().reason()).startsWith("too slow");
      await().until(() -> session.ends().equals(List.of("disconnect")));
    }
  }
}
