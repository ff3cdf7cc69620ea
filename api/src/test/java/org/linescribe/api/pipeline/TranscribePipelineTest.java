package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.sessions.Curl;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.Segment;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

class TranscribePipelineTest {
  private static final Logger LOG = LoggerFactory.getLogger(TranscribePipelineTest.class);

  /** 20 ms. */
  private static final int FRAME_BYTES = 160;

  @TempDir private static Path data;
  private static RealGateway gateway;

  @BeforeAll
  static void startGateway() {
    // A source that this machine holds up for a while is not to be taken for one that has stalled.
    gateway = new RealGateway(data);
  }

  @AfterAll
  static void stopGateway() {
    gateway.close();
  }

  private static WebSocketClient source(String idAndQuery) {
    return WebSocketClient.connect(gateway.server().ws("/ws/transcribe/" + idAndQuery));
  }

  private static WebSocketClient reader(String idAndQuery) {
    return WebSocketClient.connect(
        gateway
            .server()
            .ws(
                "/ws/subscribe/"
                    + idAndQuery
                    + (idAndQuery.contains("?") ? "&" : "?")
                    + "wait=true"));
  }

  private static void send(WebSocketClient client, byte[] g711, int frameBytes) {
    for (int at = 0; at < g711.length; at += frameBytes) {
      client.send(Arrays.copyOfRange(g711, at, Math.min(g711.length, at + frameBytes)));
    }
  }

  /** Sends audio and waits until the API has it: a connection that goes takes nothing with it. */
  private static void sendAndAwaitTaken(WebSocketClient client, byte[] g711) {
    double before = audioBytes();
    send(client, g711, FRAME_BYTES);
    await().until(() -> audioBytes() >= before + g711.length);
  }

  private static double audioBytes() {
    return gateway
        .server()
        .bean(MeterRegistry.class)
        .get("linescribe.api.transcribe.audio.bytes")
        .counter()
        .count();
  }

  /** The next message with words in it, added to the others before it. */
  private static void readToWords(WebSocketClient client, List<JsonNode> messages)
      throws InterruptedException {
    do {
      messages.add(json(client.next()));
    } while (messages.getLast().get("text").asString().isEmpty());
  }

  private static void awaitEnd(String id) {
    await().until(() -> gateway.hasEnded(id));
  }

  @ParameterizedTest
  @CsvSource({"PCMU, pcmu", "PCMA, pcma", "PCMU, auto", "PCMA, auto"})
  void transcribesTheHumanRecordingsWhateverTheLaw(G711Law law, String codec) {
    int errors = 0;
    int words = 0;
    for (HumanCall call : HumanCall.all()) {
      String id = call.name() + "-" + law + "-" + codec;
      try (WebSocketClient client = source(id + "?codec=" + codec)) {
        // As fast as the gateway takes it, then gone at once: nothing may be lost.
        send(client, call.g711(law), 320);
      }
      awaitEnd(id);
      errors += call.errors(gateway.text(id));
      words += call.words().size();
    }
    LOG.info("{} as codec={}: {} errors in {} words", law, codec, errors, words);
    assertThat(words).isEqualTo(132);
    assertThat(errors).isLessThanOrEqualTo(HumanRecording.MOST_ERRORS);
  }

  @Test
  void sendsPartialsOfTheSameNumberAsTheirFinal() throws InterruptedException {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    List<JsonNode> messages = new ArrayList<>();
    try (WebSocketClient client = source("numbers?codec=pcmu")) {
      byte[] g711 = call.g711WithSilence(G711Law.PCMU, 1500);
      // To here there are words and no pause that would end an utterance: a partial, and no final.
      int cut = call.pcm().length / 2;
      send(client, Arrays.copyOf(g711, cut), FRAME_BYTES);
      readToWords(client, messages);
      assertThat(messages.getLast().get("type").asString()).isEqualTo("partial");
      send(client, Arrays.copyOfRange(g711, cut, g711.length), FRAME_BYTES);
      do {
        messages.add(json(client.next()));
      } while (!messages.getLast().get("type").asString().equals("final")
          || call.errors(gateway.text("numbers")) > 1);
    }
    long expected = 1;
    for (JsonNode message : messages) {
      assertThat(message.get("seq").asLong()).isEqualTo(expected);
      if (message.get("type").asString().equals("final")) {
        expected++;
      }
    }
  }

  @Test
  void goesOnAtTheNextNumberWhenASourceReconnectsInMidWord() {
    HumanCall call = HumanCall.named("phone-george-1.wav");
    byte[] g711 = call.g711(G711Law.PCMU);
    int cut = g711.length / 2;
    try (WebSocketClient first = source("reconnect?codec=pcmu")) {
      sendAndAwaitTaken(first, Arrays.copyOfRange(g711, 0, cut));
      await()
          .until(() -> first.received().stream().anyMatch(text -> text.contains("\"text\":\"S")));
      first.abort();
    }
    try (WebSocketClient second = source("reconnect?codec=pcmu")) {
      send(second, Arrays.copyOfRange(g711, cut, g711.length), FRAME_BYTES);
    }
    await().until(() -> gateway.hasEnded("reconnect") && gateway.segments("reconnect").size() > 1);

    List<Segment> segments = gateway.segments("reconnect");
    assertThat(segments)
        .extracting(Segment::seq)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, segments.size()).boxed().toList());
    assertThat(call.errors(gateway.text("reconnect"))).isLessThanOrEqualTo(3);
  }

  @Test
  void letsTheNewestOfTwoSourcesWinAndKeepsTheOldersWords() {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    byte[] g711 = call.g711(G711Law.PCMU);
    try (WebSocketClient older = source("newest?codec=pcmu")) {
      sendAndAwaitTaken(older, call.g711WithSilence(G711Law.PCMU, 100));
      await().until(() -> !older.received().isEmpty());
      try (WebSocketClient newer = source("newest?codec=pcmu")) {
        assertThat(older.closed().code()).isEqualTo(4001);
        send(newer, g711, FRAME_BYTES);
      }
    }
    awaitEnd("newest");
    HumanCall twice =
        new HumanCall(
            "twice",
            Stream.concat(call.words().stream(), call.words().stream()).toList(),
            call.pcm());
    assertThat(twice.errors(gateway.text("newest"))).isLessThanOrEqualTo(2);
  }

  @Test
  void givesEveryReaderEachFinalOnceHoweverLateItComesAndHoweverOftenItReconnects()
      throws InterruptedException {
    HumanCall call = HumanCall.named("card-george-2.wav");
    byte[] g711 = call.g711WithSilence(G711Law.PCMU, 1500);
    int cut = g711.length / 2;
    List<JsonNode> early = new ArrayList<>();
    List<JsonNode> reconnecting = new ArrayList<>();
    try (WebSocketClient source = source("readers?codec=pcmu&endpoint_ms=300");
        WebSocketClient first = reader("readers")) {
      send(source, Arrays.copyOfRange(g711, 0, cut), FRAME_BYTES);
      try (WebSocketClient second = reader("readers?from_seq=1")) {
        reconnecting.add(nextFinal(second));
      }
      send(source, Arrays.copyOfRange(g711, cut, g711.length), FRAME_BYTES);
      source.sayGoodbye();
      awaitEnd("readers");
      int finals = gateway.segments("readers").size();
      assertThat(finals).isGreaterThan(2);
      while (early.size() < finals) {
        early.add(nextFinal(first));
      }
      long next = reconnecting.getLast().get("seq").asLong() + 1;
      try (WebSocketClient again = reader("readers?from_seq=" + next)) {
        while (reconnecting.size() < finals) {
          reconnecting.add(nextFinal(again));
        }
      }
    }
    List<Long> numbers = gateway.segments("readers").stream().map(Segment::seq).toList();
    assertThat(early).extracting(message -> message.get("seq").asLong()).isEqualTo(numbers);
    assertThat(reconnecting).isEqualTo(early);
  }

  @NeedsTool(Tool.CURL)
  @Test
  void replaysToAnEventStreamWhatCameAfterTheLastEventId() throws Exception {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    try (WebSocketClient source = source("events?codec=pcmu&endpoint_ms=200")) {
      send(source, call.g711(G711Law.PCMU), FRAME_BYTES);
    }
    awaitEnd("events");
    List<Segment> segments = gateway.segments("events");
    assertThat(segments).hasSizeGreaterThan(1);

    String uri = gateway.server().http("/sessions/events/events?wait=true");
    try (Curl curl = new Curl(uri, "Last-Event-ID: 1")) {
      curl.awaitLine("id: " + segments.getLast().seq());
      curl.awaitLine(line -> line.contains("\"text\":\"" + segments.getLast().text() + "\""));
      assertThat(curl.lines())
          .filteredOn(line -> line.startsWith("id: "))
          .containsExactlyElementsOf(
              segments.stream().skip(1).map(segment -> "id: " + segment.seq()).toList());
    }
  }

  private static JsonNode nextFinal(WebSocketClient reader) throws InterruptedException {
    JsonNode message = json(reader.next());
    while (!message.get("type").asString().equals("final")) {
      message = json(reader.next());
    }
    return message;
  }
}
