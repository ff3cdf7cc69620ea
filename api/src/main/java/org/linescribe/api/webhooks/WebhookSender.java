package org.linescribe.api.webhooks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.LogGate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufMono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/**
 * Sends one receiver's messages, each until it is taken or given up.
 *
 * <p>Thread: any; blocks. At most {@code max-in-flight} requests at once; the others wait.
 *
 * <p>Source: Standard Webhooks, "Deliverability and reliability".
 */
final class WebhookSender {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookSender.class);

  /** What is read of an answer, so that the connection can be used again. */
  private static final int MAX_ANSWER_BYTES = 64 * 1024;

  /** A receiver that asks for more is asked sooner: one wrong header would cost a session a day. */
  private static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

  private static final int OK = 200;
  private static final int MULTIPLE_CHOICES = 300;
  private static final int GONE = 410;

  private final String name;
  private final Supplier<Optional<WebhookSettings.Endpoint>> endpoint;
  private final WebhookSettings settings;
  private final HttpClient client;
  private final Semaphore permits;
  private final Time time;
  private final Counter delivered;
  private final Counter failed;
  private final LogGate failureLog = new LogGate(Duration.ofMinutes(1));
  private volatile Optional<String> lastFailure = Optional.empty();

  /**
   * @param endpoint asked for each request; empty when it was withdrawn
   * @param time by which messages are repeated and given up
   */
  WebhookSender(
      String name,
      Supplier<Optional<WebhookSettings.Endpoint>> endpoint,
      WebhookSettings settings,
      HttpClient client,
      Time time,
      MeterRegistry registry) {
    this.name = name;
    this.endpoint = endpoint;
    this.settings = settings;
    this.client = client;
    this.time = time;
    this.permits = new Semaphore(settings.maxInFlight(), true);
    this.delivered =
        Counter.builder("linescribe.webhooks.delivered")
            .description("Events that the receiver took")
            .tag("endpoint", name)
            .register(registry);
    this.failed =
        Counter.builder("linescribe.webhooks.failed")
            .description("Requests that the receiver did not answer with 2xx")
            .tag("endpoint", name)
            .register(registry);
  }

  /** The time of day, as a message is repeated over restarts, and its passing. */
  interface Time {
    Instant now();

    /**
     * Waits, until there is a permit of {@code wakeUps} at most; true when the application stops.
     */
    boolean stopsWithin(Duration pause, Semaphore wakeUps) throws InterruptedException;
  }

  /**
   * An answer, or why there was none.
   *
   * @param status 0 where there was none
   * @param retryAfterMs as the receiver asked, else 0
   */
  record Outcome(int status, long retryAfterMs, String reason) {
    boolean taken() {
      return status >= OK && status < MULTIPLE_CHOICES;
    }
  }

  String name() {
    return name;
  }

  /** Empty when it was withdrawn. */
  Optional<WebhookSettings.Endpoint> endpoint() {
    return endpoint.get();
  }

  /** What the last request failed of; empty after one that did not. */
  Optional<String> lastFailure() {
    return lastFailure;
  }

  /**
   * Sends a message until the receiver takes it.
   *
   * @param firstAttempt when a message that failed was sent first, for the time of its first
   *     request of this run
   * @param stopped whether nobody is to be told any more; asked before each request
   * @param wakeUps a permit ends the wait for the next request: of a delivery that is stopped, or
   *     whose receiver is another one, which is asked at once
   * @return empty where it was taken or stopped, else why it was given up
   * @throws InterruptedException the application stops; the message is still due
   */
  Optional<String> deliver(
      WebhookMessage message,
      UnaryOperator<Instant> firstAttempt,
      BooleanSupplier stopped,
      Semaphore wakeUps)
      throws InterruptedException {
    Instant begun = time.now();
    @Nullable Instant giveUpAt = null;
    long pauseMs = settings.firstRetry().toMillis();
    while (!stopped.getAsBoolean()) {
      Outcome outcome = attempt(message);
      if (outcome.taken()) {
        return Optional.empty();
      }
      if (giveUpAt == null) {
        giveUpAt = firstAttempt.apply(begun).plus(settings.giveUpAfter());
      }
      long leftMs = Duration.between(time.now(), giveUpAt).toMillis();
      if (outcome.status() == GONE || leftMs <= 0) {
        return Optional.of(outcome.reason());
      }
      long jitteredMs = pauseMs / 2 + ThreadLocalRandom.current().nextLong(pauseMs / 2 + 1);
      // The last request is made when the message is due to be given up, whatever was asked for.
      long askedMs = Math.min(MAX_RETRY_AFTER.toMillis(), outcome.retryAfterMs());
      long waitMs = Math.min(leftMs, Math.max(askedMs, jitteredMs));
      if (time.stopsWithin(Duration.ofMillis(waitMs), wakeUps)) {
        throw new InterruptedException("the application stops");
      }
      pauseMs =
          wakeUps.drainPermits() > 0
              ? settings.firstRetry().toMillis()
              : Math.min(settings.lastRetry().toMillis(), 2 * pauseMs);
    }
    return Optional.empty();
  }

  /** Sends a message once. */
  Outcome attempt(WebhookMessage message) throws InterruptedException {
    permits.acquire();
    Outcome outcome;
    try {
      outcome = post(message);
    } finally {
      permits.release();
    }
    if (outcome.taken()) {
      delivered.increment();
      lastFailure = Optional.empty();
    } else {
      failed.increment();
      lastFailure = Optional.of(outcome.reason());
      failureLog.log(
          heldBack ->
              LOG.warn(
                  "The webhook {} does not take events: {} ({} more not logged)",
                  name,
                  outcome.reason(),
                  heldBack));
    }
    return outcome;
  }

  private Outcome post(WebhookMessage message) {
    return endpoint
        .get()
        .map(to -> post(message, to))
        .orElse(new Outcome(GONE, 0, "the receiver was withdrawn"));
  }

  private Outcome post(WebhookMessage message, WebhookSettings.Endpoint to) {
    long timestampS = Instant.now().getEpochSecond();
    String signature = WebhookSignature.of(to.key(), message.id(), timestampS, message.body());
    try {
      @Nullable Outcome outcome =
          client
              .headers(
                  headers ->
                      headers
                          .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                          .set("webhook-id", message.id())
                          .set("webhook-timestamp", timestampS)
                          .set("webhook-signature", signature))
              .post()
              .uri(to.url())
              .send(ByteBufMono.fromString(Mono.just(new String(message.body(), UTF_8))))
              .response(
                  (response, content) ->
                      content
                          .map(bytes -> bytes.readableBytes())
                          .scan(0, Integer::sum)
                          .takeWhile(read -> read < MAX_ANSWER_BYTES)
                          .then(Mono.just(outcome(response))))
              .single()
              .block(settings.timeout().plusSeconds(1));
      return outcome == null ? new Outcome(0, 0, "no answer") : outcome;
    } catch (RuntimeException failure) {
      // A cause may name the receiver's address; it never holds what was said.
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      return new Outcome(
          0, 0, cause.getClass().getSimpleName() + ": " + String.valueOf(cause.getMessage()));
    }
  }

  private Outcome outcome(HttpClientResponse response) {
    return new Outcome(
        response.status().code(),
        retryAfterMs(response.responseHeaders().get(HttpHeaderNames.RETRY_AFTER, "0")),
        "status " + response.status().code());
  }

  /** Seconds, or a date: RFC 9110 §10.2.3. */
  private long retryAfterMs(String retryAfter) {
    if (retryAfter.matches("\\d{1,6}")) {
      return TimeUnit.SECONDS.toMillis(Long.parseLong(retryAfter));
    }
    try {
      Instant then = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(retryAfter));
      return Math.max(0, Duration.between(time.now(), then).toMillis());
    } catch (DateTimeException neither) {
      return 0;
    }
  }
}
