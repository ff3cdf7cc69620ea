package org.linescribe.insights.openai;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.linescribe.insights.InsightsException;
import org.linescribe.insights.openai.Questions.Question;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks an OpenAI-compatible endpoint for an answer that fits a schema, and retries when the
 * endpoint is overloaded, fails, or returns something else.
 *
 * <p>Thread: any; blocks. Source: OpenAI's API reference, "Create chat completion" and "Structured
 * outputs".
 */
final class ChatEndpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChatEndpoint.class);
  private static final long MAX_ANSWER_BYTES = 4L << 20;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Set<Integer> RETRYABLE = Set.of(408, 409, 425, 429, 500, 502, 503, 504);

  private final OpenAiSettings settings;
  private final Pause pause;
  private final Supplier<Instant> now;
  private final HttpClient http;
  private final SchemaRegistry schemas =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /** Waits before the next attempt; tests replace it. */
  @FunctionalInterface
  interface Pause {
    void pass(Duration time) throws InterruptedException;
  }

  ChatEndpoint(OpenAiSettings settings, Pause pause, Supplier<Instant> now) {
    this.settings = settings;
    this.pause = pause;
    this.now = now;
    this.http =
        HttpClient.newBuilder()
            // A redirect would carry the key to another host, and small servers fail on the upgrade
            // to HTTP/2.
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.timeout())
            .build();
  }

  /** One attempt failed. The message names no transcript text: it is logged. */
  private static final class AttemptFailedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean retryable;
    private final transient Optional<Duration> retryAfter;

    AttemptFailedException(String message, boolean retryable, Optional<Duration> retryAfter) {
      super(message);
      this.retryable = retryable;
      this.retryAfter = retryAfter;
    }

    AttemptFailedException(String message, boolean retryable) {
      this(message, retryable, Optional.empty());
    }
  }

  JsonNode ask(Question question, String input) throws InterruptedException {
    HttpRequest request = request(question, input);
    Schema schema = schemas.getSchema(question.schema());
    for (int attempt = 1; ; attempt++) {
      try {
        return answer(send(request), schema);
      } catch (AttemptFailedException e) {
        Duration wait = e.retryAfter.orElse(FIRST_PAUSE.multipliedBy(1L << (attempt - 1)));
        boolean tooLong = wait.compareTo(settings.retryAtMost()) > 0;
        String why = e.getMessage();
        if (e.retryAfter.isPresent() && tooLong) {
          why += ", asks to wait " + wait.toSeconds() + " s";
        }
        LOG.warn(
            "openai {}: attempt {} of {}: {}", question.name(), attempt, settings.attempts(), why);
        boolean again = e.retryable && !(e.retryAfter.isPresent() && tooLong);
        if (!again || attempt == settings.attempts()) {
          throw new InsightsException(
              "openai %s: %s (%d attempt%s)"
                  .formatted(question.name(), why, attempt, attempt == 1 ? "" : "s"));
        }
        pause.pass(tooLong ? settings.retryAtMost() : wait);
      }
    }
  }

  private HttpRequest request(Question question, String input) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("model", settings.model());
    settings.temperature().ifPresent(value -> body.put("temperature", value));
    var messages = body.putArray("messages");
    messages.addObject().put("role", "system").put("content", question.prompt());
    messages.addObject().put("role", "user").put("content", input);
    body.putObject("response_format")
        .put("type", "json_schema")
        .putObject("json_schema")
        .put("name", question.name())
        .put("strict", true)
        .set("schema", question.schema());
    String base = settings.baseUrl().toString();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(base + (base.endsWith("/") ? "" : "/") + "chat/completions"))
            .timeout(settings.timeout())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    if (!settings.apiKey().isEmpty()) {
      request.header("Authorization", "Bearer " + settings.apiKey());
    }
    return request.build();
  }

  /** The client's own timeout ends with the response's head; this one bounds the body too. */
  private String send(HttpRequest request) throws AttemptFailedException, InterruptedException {
    CompletableFuture<HttpResponse<String>> sent =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_ANSWER_BYTES));
    try {
      HttpResponse<String> response =
          sent.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new AttemptFailedException(
            "HTTP " + response.statusCode(),
            RETRYABLE.contains(response.statusCode()),
            retryAfter(response));
      }
      return response.body();
    } catch (TimeoutException e) {
      throw timedOut();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HttpTimeoutException) {
        throw timedOut();
      }
      if (e.getCause() instanceof IOException failure) {
        throw new AttemptFailedException(
            "cannot be reached (" + failure.getClass().getSimpleName() + ")", true);
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      // Closes the connection of an answer that is incomplete.
      sent.cancel(true);
    }
  }

  private AttemptFailedException timedOut() {
    return new AttemptFailedException(
        "no answer within " + settings.timeout().toSeconds() + " s", true);
  }

  /** Source: RFC 9110 §10.2.3, seconds or a date. */
  private Optional<Duration> retryAfter(HttpResponse<?> response) {
    String value = response.headers().firstValue("Retry-After").orElse("").strip();
    if (value.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant at = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(now.get(), at);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeParseException absentOrUnknown) {
      return Optional.empty();
    }
  }

  private static JsonNode answer(String body, Schema schema) throws AttemptFailedException {
    JsonNode answer;
    try {
      JsonNode choice = JsonMapper.shared().readTree(body).path("choices").path(0);
      if (choice.path("message").path("refusal").isString()) {
        throw new AttemptFailedException("the model refused", false);
      }
      if (choice.path("finish_reason").asString("").equals("length")) {
        throw new AttemptFailedException("the answer was cut off", false);
      }
      answer = JsonMapper.shared().readTree(choice.path("message").path("content").asString(""));
    } catch (JacksonException e) {
      throw new AttemptFailedException("the answer is not JSON", true);
    }
    List<Error> errors = schema.validate(answer);
    if (!errors.isEmpty()) {
      Error first = errors.getFirst();
      // The error's own message may quote the transcript.
      throw new AttemptFailedException(
          "the answer does not fit the schema at '%s' (%s)"
              .formatted(first.getInstanceLocation(), first.getKeyword()),
          true);
    }
    return answer;
  }

  @Override
  public void close() {
    http.shutdownNow();
    http.close();
  }
}
