package org.linescribe.api.insights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.insights.Classification;
import org.linescribe.insights.Entity;
import org.linescribe.insights.Insights;
import org.linescribe.insights.InsightsException;
import org.linescribe.insights.Outcome;
import org.linescribe.insights.QaEvaluation;
import org.linescribe.insights.Transcript;
import org.linescribe.insights.Translation;
import tools.jackson.databind.json.JsonMapper;

class SessionInsightsTest {
  /** A provider of which each summary is what the test sets; it has nothing else. */
  private static final class FakeProvider implements Insights {
    private volatile Throwable failure = new InsightsException("the provider is away");
    private volatile int asked;

    @Override
    public String provider() {
      return "rules";
    }

    @Override
    public Outcome<Translation> translate(
        Transcript transcript, Consumer<Translation.Chunk> chunks) {
      return new Outcome.Skipped<>("not here");
    }

    @Override
    public Outcome<List<Entity>> entities(Transcript transcript) {
      return new Outcome.Skipped<>("not here");
    }

    @Override
    public Outcome<Classification> classify(Transcript transcript) {
      return new Outcome.Skipped<>("not here");
    }

    @Override
    public Outcome<QaEvaluation> evaluate(Transcript transcript) {
      return new Outcome.Skipped<>("not here");
    }

    @Override
    public Outcome<String> summarise(Transcript transcript) {
      asked++;
      switch (failure) {
        case RuntimeException exception -> throw exception;
        case Error error -> throw error;
        case null, default -> {}
      }
      return new Outcome.Done<>("a summary");
    }

    @Override
    public void close() {}
  }

  private final FakeSessions sessions = new FakeSessions();
  private final FakeProvider provider = new FakeProvider();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final JsonMapper json = new JsonMapper();
  private final SessionInsights insights =
      new SessionInsights(
          sessions, new SessionAnalysis(sessions, provider, json), json, meters, now::get);

  @AfterEach
  void close() {
    insights.close();
  }

  private FakeSession ended(String id) {
    FakeSession session = sessions.owned(id, "carrier", Map.of("route_insights", "summary"));
    session.ends("hello");
    session.ended("completed");
    return session;
  }

  private double count(String outcome) {
    return meters.counter("linescribe.insights.sessions", "outcome", outcome).count();
  }

  private String status(FakeSession session) {
    return insights
        .of(sessions.find(session.sessionId()).orElseThrow())
        .orElseThrow()
        .at("/steps/summarization/status")
        .asString();
  }

  /** Has a session worked on that fails, for the nth time of all. */
  private void tried(FakeSession session, int times) {
    insights.submit(session.sessionId());
    await().until(() -> count("failed") == times);
  }

  @Test
  void aStepThatFailedIsTriedAgainButNotAtOnce() {
    FakeSession session = ended("failing");
    tried(session, 1);
    assertThat(status(session)).isEqualTo("failed");
    provider.failure = null;

    await()
        .until(
            () -> {
              now.updateAndGet(instant -> instant.plus(Duration.ofSeconds(61)));
              insights.submit(session.sessionId());
              return count("derived") > 0;
            });

    assertThat(status(session)).isEqualTo("completed");
  }

  @Test
  void readersWhoAskAgainAndAgainCostOneTryAMinute() {
    FakeSession session = ended("polled");
    provider.failure = new IllegalStateException("broken");
    tried(session, 1);

    for (int i = 0; i < 50; i++) {
      assertThat(insights.submit(session.sessionId())).isTrue();
    }
    provider.failure = null;
    FakeSession next = ended("next");
    insights.submit(next.sessionId());
    await().until(() -> count("derived") == 1);

    assertThat(status(next)).isEqualTo("completed");
    assertThat(provider.asked).isEqualTo(2);
  }

  @Test
  void anErrorOfAProviderEndsNoWorker() {
    provider.failure = new StackOverflowError();
    for (int i = 1; i <= 4; i++) {
      tried(ended("fatal" + i), i);
    }
    provider.failure = null;
    insights.submit(ended("good").sessionId());

    await().until(() -> count("derived") == 1);
  }
}
