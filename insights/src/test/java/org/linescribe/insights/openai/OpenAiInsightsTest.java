package org.linescribe.insights.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.linescribe.insights.openai.ScriptedEndpoint.answer;
import static org.linescribe.insights.openai.ScriptedEndpoint.body;
import static org.linescribe.insights.openai.ScriptedEndpoint.status;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.insights.Classification;
import org.linescribe.insights.Entity;
import org.linescribe.insights.InsightsException;
import org.linescribe.insights.Outcome;
import org.linescribe.insights.QaEvaluation;
import org.linescribe.insights.Transcript;
import org.linescribe.insights.Translation;
import org.linescribe.insights.rules.RulesInsights;
import org.linescribe.insights.rules.Taxonomy;
import org.linescribe.insights.rules.TaxonomyReader;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OpenAiInsightsTest {
  private static final String API_KEY = "sk-secret-0123456789";
  private static final Instant NOW = Instant.parse("2026-01-20T10:30:00Z");

  private final List<Duration> pauses = new ArrayList<>();
  private final Taxonomy taxonomy = TaxonomyReader.bundled();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private ScriptedEndpoint endpoint;
  private OpenAiInsights insights;

  @BeforeEach
  void start() throws IOException {
    endpoint = new ScriptedEndpoint();
    insights = insights(settings(Duration.ofSeconds(30), 2000, Map.of()));
    log.start();
    ((Logger) LoggerFactory.getLogger("org.linescribe.insights")).addAppender(log);
  }

  @AfterEach
  void stop() {
    ((Logger) LoggerFactory.getLogger("org.linescribe.insights")).detachAppender(log);
    endpoint.letGo();
    insights.close();
    endpoint.close();
  }

  private OpenAiSettings settings(Duration timeout, int chunkChars, Map<String, String> prompts) {
    return new OpenAiSettings(
        endpoint.uri(),
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
    endpoint.replies.add(answer("{\"translation\":\"Hello.\"}"));
    endpoint.replies.add(answer("{\"translation\":\"Goodbye.\"}"));
    List<Translation.Chunk> chunks = new ArrayList<>();

    Translation translation =
        done(insights.translate(transcript("habari ".repeat(30), "kwaheri"), chunks::add));

    assertThat(translation).isEqualTo(new Translation("Hello. Goodbye.", "sw", "en", "test-model"));
    assertThat(chunks)
        .containsExactly(
            new Translation.Chunk("Hello.", "Hello.", 1, 2),
            new Translation.Chunk("Goodbye.", "Hello. Goodbye.", 2, 2));
    JsonNode request = endpoint.requests.getFirst();
    assertThat(request.get("model").asString()).isEqualTo("test-model");
    assertThat(request.at("/messages/0/content").asString()).contains("from sw into en");
    assertThat(request.at("/response_format/type").asString()).isEqualTo("json_schema");
    assertThat(request.at("/response_format/json_schema/strict").asBoolean()).isTrue();
    assertThat(endpoint.authorizations).containsOnly("Bearer " + API_KEY);
  }

  @Test
  void asksNobodyToTranslateWhatIsInTheTargetLanguage() throws InterruptedException {
    Transcript english =
        new Transcript("en-US", List.of(new Transcript.Line("hello", 0, 900)), NOW);
    assertThat(insights.translate(english, chunk -> {}))
        .isEqualTo(new Outcome.Skipped<>("the transcript is in the target language (en)"));
    assertThat(endpoint.requests).isEmpty();
  }

  @Test
  void sendsNoCardNumberAndTakesNoNameThatWasNotSaid() throws InterruptedException {
    endpoint.replies.add(
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
    assertThat(endpoint.requests.getFirst().at("/messages/1/content").asString())
        .isEqualTo("this is Anna\n**** **** **** 1111\nthanks");
  }

  @Test
  void classifiesWithinTheTaxonomy() throws InterruptedException {
    endpoint.replies.add(
        answer("{\"category\":\"payment\",\"confidence\":0.8,\"key_phrases\":[\"refund\"]}"));
    Classification classification = done(insights.classify(transcript("a refund please")));
    assertThat(classification.label()).isEqualTo("Payment and billing");
    assertThat(classification.confidence()).isEqualTo(0.8);
    assertThat(endpoint.requests.getFirst().at("/response_format/json_schema/schema").toString())
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
    endpoint.replies.add(answer(all.toString()));
    QaEvaluation evaluation = done(insights.evaluate(transcript("hello")));
    double weights = taxonomy.qa().stream().mapToDouble(Taxonomy.Check::weight).sum();
    assertThat(evaluation.score()).isEqualTo(1 / weights);

    endpoint.replies.add(answer("{\"items\":[]}"));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.evaluate(transcript("hello")))
        .withMessageContaining("greeting");
  }

  @Test
  void waitsAsLongAsTheEndpointAsksAndThenTriesAgain() throws InterruptedException {
    endpoint.replies.add(status(429, "Retry-After", "7"));
    endpoint.replies.add(status(503, "Retry-After", "Tue, 20 Jan 2026 10:30:09 GMT"));
    endpoint.replies.add(answer("{\"summary\":\"All is well.\"}"));
    assertThat(done(insights.summarise(transcript("habari")))).isEqualTo("All is well.");
    assertThat(pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(9));
  }

  @Test
  void backsOffAndGivesUpAfterTheLastAttempt() {
    endpoint.replies.add(status(500));
    endpoint.replies.add(body("<html>"));
    endpoint.replies.add(answer("{\"summary\":42}"));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("siri yangu")))
        .withMessageContaining("/summary")
        .withMessageContaining("3 attempts");
    assertThat(pauses).containsExactly(Duration.ofMillis(500), Duration.ofSeconds(1));
    assertThat(endpoint.requests).hasSize(3);
    assertThat(log.list)
        .hasSize(3)
        .noneMatch(event -> event.getFormattedMessage().contains(API_KEY))
        .noneMatch(event -> event.getFormattedMessage().contains("siri"));
  }

  @Test
  void doesNotTryAgainWhatCannotSucceed() {
    endpoint.replies.add(status(401));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("HTTP 401")
        .withMessageNotContaining(API_KEY);
    endpoint.replies.add(status(429, "Retry-After", "3600"));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("asks to wait 3600 s");
    endpoint.replies.add(status(302, "Location", "http://127.0.0.1:1/"));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("HTTP 302");
    assertThat(endpoint.requests).hasSize(3);
    assertThat(pauses).isEmpty();
  }

  @Test
  void givesUpOnAnEndpointThatHangs() {
    insights = insights(settings(Duration.ofSeconds(1), 2000, Map.of()));
    ScriptedEndpoint.Reply hang = exchange -> endpoint.hold();
    endpoint.replies.addAll(List.of(hang, hang, hang));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("no answer within 1 s");
  }

  @Test
  void givesUpOnAnAnswerThatStallsInTheMiddle() {
    insights = insights(settings(Duration.ofSeconds(1), 2000, Map.of()));
    ScriptedEndpoint.Reply stall =
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write("{\"choices\":".getBytes(StandardCharsets.UTF_8));
          exchange.getResponseBody().flush();
          endpoint.hold();
        };
    endpoint.replies.addAll(List.of(stall, stall, stall));
    assertThatExceptionOfType(InsightsException.class)
        .isThrownBy(() -> insights.summarise(transcript("habari")))
        .withMessageContaining("no answer within 1 s");
    await().untilAsserted(() -> assertThat(endpoint.requests).hasSize(3));
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
    endpoint.replies.add(body(nothing));
    endpoint.replies.add(answer("{\"summary\":\"All is well.\"}"));
    assertThat(done(insights.summarise(transcript("habari")))).isEqualTo("All is well.");
    assertThat(endpoint.requests).hasSize(2);
  }

  @Test
  void refusesAnAnswerWithoutEnd() {
    ScriptedEndpoint.Reply flood =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] block = new byte[1 << 16];
          for (int i = 0; i < 100; i++) {
            exchange.getResponseBody().write(block);
          }
        };
    endpoint.replies.addAll(List.of(flood, flood, flood));
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
    assertThat(endpoint.requests).isEmpty();
  }

  @Test
  void usesThePromptOfTheSettings() throws InterruptedException {
    insights =
        insights(settings(Duration.ofSeconds(30), 2000, Map.of("summary", "In {sentences}!")));
    endpoint.replies.add(answer("{\"summary\":\"s\"}"));
    done(insights.summarise(transcript("habari")));
    assertThat(endpoint.requests.getFirst().at("/messages/0/content").asString())
        .isEqualTo("In 3!");
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
