package org.linescribe.api.insights.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.insights.Classification;
import org.linescribe.api.insights.Entity;
import org.linescribe.api.insights.InsightsException;
import org.linescribe.api.insights.Outcome;
import org.linescribe.api.insights.QaEvaluation;
import org.linescribe.api.insights.Transcript;
import org.linescribe.api.insights.Translation;
import org.linescribe.api.insights.rules.RulesInsights;
import org.linescribe.api.insights.rules.Taxonomy;
import org.linescribe.api.insights.rules.TaxonomyReader;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OpenAiInsightsTest {
  private static final String API_KEY = "sk-secret-0123456789";
  private static final Instant NOW = Instant.parse("2026-01-20T10:30:00Z");

  /** What the endpoint does with the next request. */
  @FunctionalInterface
  private interface Reply {
    void to(HttpExchange exchange) throws IOException;
  }

  private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
  private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final List<Duration> pauses = new ArrayList<>();
  private final CountDownLatch testOver = new CountDownLatch(1);
  private final Taxonomy taxonomy = TaxonomyReader.bundled();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private ExecutorService serverThreads;
  private HttpServer server;
  private OpenAiInsights insights;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serverThreads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(serverThreads);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          try (exchange) {
            requests.add(JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes()));
            authorizations.add(
                String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            Reply reply = replies.poll();
            (reply == null ? status(418) : reply).to(exchange);
          }
        });
    server.start();
    insights = insights(settings(Duration.ofSeconds(30), 2000, Map.of()));
    log.start();
    ((Logger) LoggerFactory.getLogger("org.linescribe.api.insights")).addAppender(log);
  }

  @AfterEach
  void stop() {
    ((Logger) LoggerFactory.getLogger("org.linescribe.api.insights")).detachAppender(log);
    testOver.countDown();
    insights.close();
    server.stop(0);
    serverThreads.close();
  }

  private OpenAiSettings settings(Duration timeout, int chunkChars, Map<String, String> prompts) {
    return new OpenAiSettings(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1"),
        API_KEY,
        "test-model",
        "en",
        Optional.of(0.0),
        timeout,
        3,
        Duration.ofSeconds(20),
        10_000,
        chunkChars,
        prompts);
  }

  private OpenAiInsights insights(OpenAiSettings settings) {
    return new OpenAiInsights(
        settings, taxonomy, new RulesInsights(taxonomy, "US", 3), 3, pauses::add, () -> NOW);
  }

  private static Reply status(int status, String... header) {
    return exchange -> {
      if (header.length == 2) {
        exchange.getResponseHeaders().add(header[0], header[1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  private static Reply body(String body) {
    return exchange -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  private static Reply answer(String content) {
    ObjectNode root = JsonMapper.shared().createObjectNode();
    ObjectNode choice = root.putArray("choices").addObject();
    choice.put("finish_reason", "stop");
    choice.putObject("message").put("role", "assistant").put("content", content);
    return body(root.toString());
  }

  private static Transcript transcript(String... lines) {
    List<Transcript.Line> all = new ArrayList<>();
    for (int i = 0; i < lines.length; i++) {
      all.add(new Transcript.Line(lines[i], i * 1000L, i * 1000L + 900));
    }
    return new Transcript("sw", all, NOW);
  }

  private static <T> T done(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<T>) outcome).value();
  }

  @Test
  void translatesInPartsAndTellsOfEach() throws InterruptedException {
    insights = insights(settings(Duration.ofSeconds(30), 200, Map.of()));
    replies.add(answer("{\"translation\":\"Hello.\"}"));
    replies.add(answer("{\"translation\":\"Goodbye.\"}"));
    List<Translation.Chunk> chunks = new ArrayList<>();

    Translation translation =
        done(insights.translate(transcript("habari ".repeat(30), "kwaheri"), chunks::add));

    assertThat(translation).isEqualTo(new Translation("Hello. Goodbye.", "sw", "en", "test-model"));
    assertThat(chunks)
        .containsExactly(
            new Translation.Chunk("Hello.", "Hello.", 1, 2),
            new Translation.Chunk("Goodbye.", "Hello. Goodbye.", 2, 2));
    JsonNode request = requests.getFirst();
    assertThat(request.get("model").asString()).isEqualTo("test-model");
    assertThat(request.at("/messages/0/content").asString()).contains("from sw into en");
    assertThat(request.at("/response_format/type").asString()).isEqualTo("json_schema");
    assertThat(request.at("/response_format/json_schema/strict").asBoolean()).isTrue();
    assertThat(authorizations).containsOnly("Bearer " + API_KEY);
  }

  @Test
  void asksNobodyToTranslateWhatIsInTheTargetLanguage() throws InterruptedException {
    Transcript english =
        new Transcript("en-US", List.of(new Transcript.Line("hello", 0, 900)), NOW);
    assertThat(insights.translate(english, chunk -> {}))
        .isEqualTo(new Outcome.Skipped<>("the transcript is in the target language (en)"));
    assertThat(requests).isEmpty();
  }

  @Test
  void sendsNoCardNumberAndTakesNoNameThatWasNotSaid() throws InterruptedException {
    replies.add(
        answer(
            """
            {"entities":[
              {"type":"person","text":"anna","value":"Anna"},
              {"type":"person","text":"anna","value":"Anna"},
              {"type":"organisation","text":"acme corporation","value":"ACME"}]}
            """));

    List<Entity> entities =
        done(
            insights.entities(
                transcript(
                    "this is Anna", "FOUR ONE ONE ONE", "one ".repeat(12).strip(), "thanks")));

    assertThat(entities)
        .extracting(Entity::type, Entity::value, Entity::startMs)
        .containsExactly(
            tuple(Entity.Type.PERSON, "Anna", 0L),
            tuple(Entity.Type.CARD, "**** **** **** 1111", 1000L));
    assertThat(requests.getFirst().at("/messages/1/content").asString())
        .isEqualTo("this is Anna\n**** **** **** 1111\nthanks");
  }

  @Test
  void classifiesWithinTheTaxonomy() throws InterruptedException {
    replies.add(
        answer("{\"category\":\"payment\",\"confidence\":0.8,\"key_phrases\":[\"refund\"]}"));
    Classification classification = done(insights.classify(transcript("a refund please")));
    assertThat(classification.label()).isEqualTo("Payment and billing");
    assertThat(classification.confidence()).isEqualTo(0.8);
    assertThat(requests.getFirst().at("/response_format/json_schema/schema").toString())
        .contains("\"payment\"", "\"unclassified\"");
  }

  @Test
  void evaluatesEveryItemOfTheChecklistAndWeighsItself() throws InterruptedException {
    ObjectNode all = JsonMapper.shared().createObjectNode();
    var items = all.putArray("items");
    for (Taxonomy.Check check : taxonomy.qa()) {
      items
          .addObject()
          .put("id", check.id())
          .put("passed", check.id().equals("greeting"))
          .put("evidence", "");
    }
    replies.add(answer(all.toString()));
    QaEvaluation evaluation = done(insights.evaluate(transcript("hello")));
    double weights = taxonomy.qa().stream().mapToDouble(Taxonomy.Check::weight).sum();
    assertThat(evaluation.score()).isEqualTo(1 / weights);

    replies.add(answer("{\"items\":[]}"));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.evaluate(transcript("hello")))
        .withMessageContaining("greeting");
  }

  @Test
  void waitsAsLongAsTheEndpointAsksAndThenTriesAgain() throws InterruptedException {
    replies.add(status(429, "Retry-After", "7"));
    replies.add(status(503, "Retry-After", "Tue, 20 Jan 2026 10:30:09 GMT"));
    replies.add(answer("{\"summary\":\"All is well.\"}"));
    assertThat(done(insights.summarise(transcript("habari")))).isEqualTo("All is well.");
    assertThat(pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(9));
  }

  @Test
  void backsOffAndGivesUpAfterTheLastAttempt() {
    replies.add(status(500));
    replies.add(body("<html>"));
    replies.add(answer("{\"summary\":42}"));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("siri yangu")))
        .withMessageContaining("/summary")
        .withMessageContaining("3 attempts");
    assertThat(pauses).containsExactly(Duration.ofMillis(500), Duration.ofSeconds(1));
    assertThat(requests).hasSize(3);
    assertThat(log.list)
        .hasSize(3)
        .noneMatch(event -> event.getFormattedMessage().contains(API_KEY))
        .noneMatch(event -> event.getFormattedMessage().contains("siri"));
  }

  @Test
  void doesNotTryAgainWhatCannotSucceed() {
    replies.add(status(401));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("HTTP 401")
        .withMessageNotContaining(API_KEY);
    replies.add(status(429, "Retry-After", "3600"));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("asks to wait 3600 s");
    replies.add(status(302, "Location", "http://127.0.0.1:1/"));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("HTTP 302");
    assertThat(requests).hasSize(3);
    assertThat(pauses).isEmpty();
  }

  @Test
  void givesUpOnAnEndpointThatHangs() {
    insights = insights(settings(Duration.ofSeconds(1), 2000, Map.of()));
    Reply hang =
        exchange -> {
          try {
            testOver.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    replies.addAll(List.of(hang, hang, hang));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("no answer within 1 s");
  }

  @Test
  void givesUpOnAnAnswerThatStallsInTheMiddle() {
    insights = insights(settings(Duration.ofSeconds(1), 2000, Map.of()));
    Reply stall =
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write("{\"choices\":".getBytes(StandardCharsets.UTF_8));
          exchange.getResponseBody().flush();
          try {
            testOver.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    replies.addAll(List.of(stall, stall, stall));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("no answer within 1 s");
    assertThat(requests).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "null",
        "7",
        "{\"choices\":[]}",
        "{\"choices\":{}}",
        "{\"choices\":[{\"message\":null}]}",
        "{\"choices\":[{\"message\":{\"content\":null}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"\"}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"null\"}}]}",
        "{\"choices\":[{\"message\":{\"content\":\"[]\"}}]}",
        "{\"choices\":[{\"message\":{\"content\":{\"summary\":\"s\"}}}]}",
        "{\"choices\":[{\"finish_reason\":7,\"message\":{\"content\":\"{}\"}}]}"
      })
  void asksAgainWhereTheAnswerIsNone(String nothing) throws InterruptedException {
    replies.add(body(nothing));
    replies.add(answer("{\"summary\":\"All is well.\"}"));
    assertThat(done(insights.summarise(transcript("habari")))).isEqualTo("All is well.");
    assertThat(requests).hasSize(2);
  }

  @Test
  void refusesAnAnswerWithoutEnd() {
    Reply flood =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] block = new byte[1 << 16];
          for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(block);
          }
        };
    replies.addAll(List.of(flood, flood, flood));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("cannot be reached");
  }

  @Test
  void saysSoWhenATranscriptIsTooLongToSend() throws InterruptedException {
    assertThat(insights.summarise(transcript("neno ".repeat(3000))))
        .isInstanceOfSatisfying(
            Outcome.Skipped.class,
            skipped -> assertThat(skipped.reason()).contains("15000", "max-input-chars"));
    assertThat(requests).isEmpty();
  }

  @Test
  void usesThePromptOfTheSettings() throws InterruptedException {
    insights =
        insights(settings(Duration.ofSeconds(30), 2000, Map.of("summary", "In {sentences}!")));
    replies.add(answer("{\"summary\":\"s\"}"));
    done(insights.summarise(transcript("habari")));
    assertThat(requests.getFirst().at("/messages/0/content").asString()).isEqualTo("In 3!");
  }

  @Test
  void refusesToSendAKeyInTheClearAndNeverShowsIt() {
    OpenAiSettings good = settings(Duration.ofSeconds(30), 2000, Map.of());
    assertThat(good.toString()).doesNotContain(API_KEY);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new OpenAiSettings(
                    URI.create("http://models.example.org/v1"),
                    API_KEY,
                    "m",
                    "en",
                    Optional.empty(),
                    good.timeout(),
                    1,
                    Duration.ZERO,
                    1000,
                    200,
                    Map.of()))
        .withMessageContaining("linescribe.insights.openai.base-url")
        .withMessageNotContaining(API_KEY);
  }
}
