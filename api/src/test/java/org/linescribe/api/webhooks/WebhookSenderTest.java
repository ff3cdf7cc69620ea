package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.testsupport.Patience;
import reactor.netty.http.client.HttpClient;

/** When a message is repeated, and when it is given up; a real receiver, a time of the test's. */
class WebhookSenderTest {
  private static final Instant START = Instant.parse("2026-11-30T12:00:00Z");
  private static final SessionId SESSION = new SessionId("one");
  private static final String BODY =
      """
      {"type":"session.ended","timestamp":"2026-11-30T12:00:00Z","data":{"session_id":"one"}}\
      """;

  @TempDir private Path folder;

  /** Passes when the sender waits, and in no other way. */
  private static final class ManualTime implements WebhookSender.Time {
    private final List<Duration> waits = new ArrayList<>();
    private Instant now = START;
    private int stopsAfter = Integer.MAX_VALUE;

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public boolean stopsWithin(Duration pause, Semaphore wakeUps) {
      if (waits.size() >= stopsAfter) {
        return true;
      }
      waits.add(pause);
      now = now.plus(wakeUps.availablePermits() > 0 ? Duration.ZERO : pause);
      return false;
    }
  }

  private final ManualTime time = new ManualTime();
  private final Semaphore wakeUps = new Semaphore(0);

  private static WebhookSettings settings(Duration timeout) {
    return new WebhookSettings(
        List.of(),
        true,
        timeout,
        Duration.ofSeconds(1),
        Duration.ofMinutes(1),
        Duration.ofHours(24),
        16,
        100,
        100);
  }

  private WebhookSender sender(WebhookReceiver receiver, Duration timeout) {
    WebhookSettings.Endpoint endpoint =
        new WebhookSettings.Endpoint(
            "crm", receiver.url(), WebhookReceiver.SECRET, Set.of(), Set.of());
    return new WebhookSender(
        "crm",
        () -> Optional.of(endpoint),
        settings(timeout),
        HttpClient.newConnection().followRedirect(false).responseTimeout(timeout),
        time,
        new SimpleMeterRegistry());
  }

  private Optional<String> deliver(WebhookReceiver receiver) throws InterruptedException {
    return deliver(receiver, Patience.LIMIT);
  }

  /** As a run of the gateway does it, which knows of earlier ones what they wrote. */
  private Optional<String> deliver(WebhookReceiver receiver, Duration timeout)
      throws InterruptedException {
    WebhookMessage message =
        new WebhookMessage(
            "msg_1", WebhookEvent.SESSION_ENDED, SESSION, 1, BODY.getBytes(StandardCharsets.UTF_8));
    FirstAttempts attempts = new FirstAttempts(folder);
    return sender(receiver, timeout)
        .deliver(message, now -> attempts.of(SESSION, message.id(), now), () -> false, wakeUps);
  }

  @Test
  void pausesTwiceAsLongEachTimeUpToTheLongestShortenedAtRandomByUpToHalf() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n <= 9 ? 503 : 200)) {
      assertThat(deliver(receiver)).isEmpty();
    }
    assertThat(time.waits).hasSize(9);
    for (int i = 0; i < time.waits.size(); i++) {
      Duration full = Duration.ofSeconds(Math.min(60, 1 << i));
      assertThat(time.waits.get(i)).as("pause %s", i).isBetween(full.dividedBy(2), full);
    }
  }

  @Test
  void waitsAsLongAsTheReceiverAsksBeyondTheLongestPauseToo() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n == 1 ? 429 : 200)) {
      receiver.header("Retry-After", "600");
      assertThat(deliver(receiver)).isEmpty();
    }
    assertThat(time.waits).containsExactly(Duration.ofMinutes(10));
  }

  @Test
  void understandsADateToRetryAfter() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n == 1 ? 503 : 200)) {
      receiver.header("Retry-After", "Mon, 30 Nov 2026 12:05:00 GMT");
      assertThat(deliver(receiver)).isEmpty();
    }
    assertThat(time.waits).containsExactly(Duration.ofMinutes(5));
  }

  @Test
  void anImpossibleRetryAfterIsNoneAndAPastOneTheUsualPause() throws Exception {
    for (String value :
        List.of("soon", "-1", "99999999999999999999", "Mon, 30 Nov 2026 11:00:00 GMT")) {
      time.waits.clear();
      time.now = START;
      try (WebhookReceiver receiver = new WebhookReceiver(n -> n == 1 ? 503 : 200)) {
        receiver.header("Retry-After", value);
        assertThat(deliver(receiver)).isEmpty();
      }
      assertThat(time.waits).as(value).hasSize(1);
      assertThat(time.waits.getFirst()).as(value).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }
  }

  @Test
  void isAskedEachHourAndWhenItsTimeIsOverAndThenGivenUpWhateverRetryAfterSays() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 503)) {
      receiver.header("Retry-After", "200000");
      assertThat(deliver(receiver)).contains("status 503");
      assertThat(receiver.requests()).isEqualTo(25);
    }
    assertThat(time.waits).hasSize(24).containsOnly(Duration.ofHours(1));
  }

  @Test
  void beginsWithTheShortestPauseAgainWhenItIsWokenUp() throws Exception {
    try (WebhookReceiver receiver =
        new WebhookReceiver(
            n -> {
              if (n == 3) {
                wakeUps.release();
              }
              return n <= 4 ? 503 : 200;
            })) {
      receiver.header("Retry-After", "0");
      assertThat(deliver(receiver)).isEmpty();
    }
    assertThat(time.waits).hasSize(4);
    assertThat(time.waits.getLast()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(wakeUps.availablePermits()).isZero();
  }

  @Test
  void aRestartDoesNotBeginTheTimeAnew() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 500)) {
      time.stopsAfter = 100;
      assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> deliver(receiver));
      Duration before = Duration.between(START, time.now);
      assertThat(before).isPositive();

      time.stopsAfter = Integer.MAX_VALUE;
      assertThat(deliver(receiver)).contains("status 500");
    }
    assertThat(Duration.between(START, time.now)).isEqualTo(Duration.ofHours(24));
  }

  @Test
  void aMessageWhoseTimePassedWhileNothingRanIsTriedOnceMore() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n <= 2 ? 500 : 200)) {
      time.stopsAfter = 1;
      assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> deliver(receiver));
      time.now = START.plus(Duration.ofDays(3));
      assertThat(deliver(receiver)).isEmpty();
      assertThat(receiver.taken()).hasSize(1);
    }
  }

  @Test
  void aRequestThatIsNotAnsweredInTimeIsRepeated() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (WebhookReceiver receiver =
        new WebhookReceiver(
            n -> {
              if (n == 1) {
                try {
                  over.await();
                } catch (InterruptedException stopped) {
                  Thread.currentThread().interrupt();
                }
              }
              return 200;
            })) {
      assertThat(deliver(receiver, Duration.ofMillis(500))).isEmpty();
      assertThat(receiver.requests()).isGreaterThan(1);
      over.countDown();
    }
    assertThat(time.waits).isNotEmpty();
  }

  @Test
  void aRedirectIsAFailureAndIsNotFollowed() throws Exception {
    try (WebhookReceiver elsewhere = new WebhookReceiver(_ -> 200);
        WebhookReceiver receiver = new WebhookReceiver(n -> n == 1 ? 308 : 410)) {
      receiver.header("Location", elsewhere.url());
      assertThat(deliver(receiver)).contains("status 410");
      assertThat(receiver.requests()).isEqualTo(2);
      assertThat(elsewhere.requests()).isZero();
    }
  }
}
