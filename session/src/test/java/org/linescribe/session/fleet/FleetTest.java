package org.linescribe.session.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.session.erasure.Node;
import org.linescribe.session.json.StoredJson;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.servers.CuttableProxy;
import org.linescribe.testsupport.servers.OwnRedis;
import tools.jackson.databind.JsonNode;

/** Nodes on a real Redis that ask each other. */
class FleetTest {
  private static final String SUBJECT = "what";

  /** Of a test that waits for an answer. */
  private static final Duration LONG = Patience.LIMIT;

  /** Of a test in which somebody does not answer. */
  private static final Duration SHORT = Duration.ofMillis(200);

  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration OFTEN = Duration.ofMillis(20);

  private OwnRedis redis;
  private CuttableProxy way;

  @BeforeEach
  void servers() {
    redis = new OwnRedis();
    way = new CuttableProxy(redis.port());
  }

  @AfterEach
  void stopServers() {
    way.close();
    redis.close();
  }

  /** A node that answers with its own name and what it was asked. */
  private static final class Asked implements AutoCloseable {
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final RedisNode redis;
    final Fleet fleet;

    Asked(String name, int port) {
      this(name, port, NEVER);
    }

    Asked(String name, int port, Duration aliveEvery) {
      redis = RedisNode.connect("redis://127.0.0.1:" + port, LONG);
      fleet = new Fleet(new Node("id-of-a-copied-folder", name), redis, meters, aliveEvery);
      fleet.onQuestion(
          SUBJECT,
          question ->
              StoredJson.object().put("said", name + " " + question.required("word").asString()));
    }

    Fleet.Answers ask(Duration atMost) throws InterruptedException {
      return ask(atMost, "");
    }

    /**
     * @param enough the text of an answer that suffices
     */
    Fleet.Answers ask(Duration atMost, String enough) throws InterruptedException {
      return fleet.ask(
          SUBJECT,
          StoredJson.object().put("word", "hello"),
          atMost,
          answer -> said(answer).equals(enough));
    }

    void knows(int others) {
      await().atMost(Patience.LIMIT).until(() -> ask(LONG).answers().size() == others);
    }

    @Override
    public void close() {
      fleet.close();
      redis.close();
    }
  }

  private static String said(JsonNode answer) {
    return answer.path("said").asString("");
  }

  private static List<String> said(Fleet.Answers answers) {
    return answers.answers().stream()
        .map(answer -> answer.node() + ": " + said(answer.body()))
        .sorted()
        .toList();
  }

  @Test
  void everyOtherNodeAnswers() throws Exception {
    try (Asked a = new Asked("a", redis.port());
        Asked b = new Asked("b", redis.port());
        Asked c = new Asked("c", redis.port())) {
      for (Asked each : List.of(a, b, c)) {
        each.knows(2);
      }

      Fleet.Answers answers = a.ask(LONG);

      assertThat(said(answers)).containsExactly("b: b hello", "c: c hello");
      assertThat(answers.missing()).isEmpty();
      assertThat(said(b.ask(LONG))).containsExactly("a: a hello", "c: c hello");
    }
  }

  @Test
  void aNodeThatDoesNotAnswerIsMissingAndOneThatSaidGoodbyeIsNot() throws Exception {
    try (Asked a = new Asked("a", redis.port());
        Asked b = new Asked("b", way.port())) {
      a.knows(1);
      way.stall();

      await().atMost(Patience.LIMIT).until(() -> a.ask(SHORT).missing().equals(List.of("b")));
      assertThat(a.ask(SHORT).answers()).isEmpty();

      way.mend();
      a.knows(1);
      assertThat(a.ask(LONG).missing()).isEmpty();
      b.fleet.close();
      await()
          .atMost(Patience.LIMIT)
          .until(() -> a.ask(SHORT).equals(new Fleet.Answers(List.of(), List.of())));
    }
  }

  @Test
  void aNodeOfWhichNothingIsHeardIsGoneUntilItIsBackAndOneThatIsSlowIsMissing() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (Asked a = new Asked("a", redis.port(), OFTEN);
        Asked slow = new Asked("slow", redis.port(), OFTEN);
        Asked _ = new Asked("away", way.port(), OFTEN)) {
      a.knows(2);
      slow.fleet.onQuestion(
          SUBJECT,
          _ -> {
            awaitQuietly(goOn);
            return StoredJson.object();
          });
      way.stall();

      await().atMost(Patience.LIMIT).until(() -> a.ask(SHORT).missing().equals(List.of("slow")));

      way.mend();
      goOn.countDown();
      a.knows(2);
    }
  }

  @Test
  void whereRedisIsAwayAllAreMissingAndNobodyIsGone() throws Exception {
    try (Asked a = new Asked("a", way.port(), OFTEN);
        Asked b = new Asked("b", redis.port(), OFTEN)) {
      a.knows(1);
      way.cut();

      // As long as it takes to forget a node.
      await()
          .atMost(Patience.LIMIT)
          .until(() -> b.ask(SHORT).equals(new Fleet.Answers(List.of(), List.of())));
      assertThat(a.ask(SHORT).missing()).containsExactly("b");

      way.mend();
      a.knows(1);
      assertThat(b.ask(LONG).missing()).isEmpty();
    }
  }

  @Test
  void whoeverAnswersTooLateIsAwaitedTheNextTime() throws Exception {
    try (Asked a = new Asked("a", redis.port());
        RedisNode late = RedisNode.connect("redis://127.0.0.1:" + redis.port(), LONG)) {
      late.publish(
          "linescribe:fleet:" + a.redis.name(),
          "a-question-of-before "
              + StoredJson.write(StoredJson.object().put("from", late.name()).put("name", "late")));

      await().atMost(Patience.LIMIT).until(() -> a.ask(SHORT).missing().equals(List.of("late")));
    }
  }

  @Test
  void copiesOfADataFolderAreTwoNodes() throws Exception {
    try (Asked one = new Asked("one", redis.port());
        Asked two = new Asked("two", redis.port());
        Asked asking = new Asked("asking", redis.port())) {
      asking.knows(2);

      one.fleet.close();

      await()
          .atMost(Patience.LIMIT)
          .until(() -> said(asking.ask(LONG)).equals(List.of("two: two hello")));
      assertThat(said(two.ask(LONG))).containsExactly("asking: asking hello");
    }
  }

  @Test
  void doesNotWaitForTheOthersWhereOneAnswerSuffices() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Asked a = new Asked("a", redis.port());
        Asked b = new Asked("b", redis.port());
        Asked c = new Asked("c", redis.port())) {
      a.knows(2);
      b.knows(2);
      c.fleet.onQuestion(
          SUBJECT,
          _ -> {
            awaitQuietly(never);
            return StoredJson.object();
          });

      Fleet.Answers answers = a.ask(LONG, "b hello");

      assertThat(said(answers)).containsExactly("b: b hello");
      assertThat(answers.missing()).isEmpty();
      never.countDown();
    }
  }

  @Test
  void aNodeThatHasTooManyQuestionsDropsTheRest() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (Asked a = new Asked("a", redis.port());
        Asked b = new Asked("b", redis.port())) {
      a.knows(1);
      b.fleet.onQuestion(
          SUBJECT,
          _ -> {
            awaitQuietly(goOn);
            return StoredJson.object();
          });

      await()
          .atMost(Patience.LIMIT)
          .until(
              () -> {
                a.ask(Duration.ofMillis(1));
                return b.meters.get("linescribe.fleet.dropped").counter().count() > 0;
              });

      goOn.countDown();
      a.knows(1);
    }
  }

  @Test
  void aNodeWithoutOthersAsksNobody() throws Exception {
    try (Fleet alone = Fleet.alone(new SimpleMeterRegistry())) {
      assertThat(alone.ask(SUBJECT, StoredJson.object(), LONG, _ -> false))
          .isEqualTo(new Fleet.Answers(List.of(), List.of()));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
