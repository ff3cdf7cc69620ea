package org.linescribe.api.insights.openai;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
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
import org.linescribe.api.insights.InsightsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks the endpoint for an answer that fits a schema, and again when it is busy, broken or answers
 * with something else.
 *
 * <p>Thread: any; blocks. Source: OpenAI's API reference, "Create chat completion" and "Structured
 * outputs".
 */
final class ChatEndpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChatEndpoint.class);
  private static final long MAX_ANSWER_BYTES = 4L << 20;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Set<Integer> WORTH_ANOTHER = Set.of(408, 409, 425, 429, 500, 502, 503, 504);

  private final OpenAiSettings settings;
  private final Pause pause;
  private final Supplier<Instant> now;
  private final HttpClient http;
  private final SchemaRegistry schemas =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /** How the wait before the next attempt passes. */
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
            // A key follows no redirect, and small servers stumble over the upgrade to HTTP/2.
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.timeout())
            .build();
  }

  /** One attempt's end: an answer, or why not and whether and when another attempt makes sense. */
  private sealed interface Attempt {
    record Answered(JsonNode answer) implements Attempt {}

    record Failed(String why, boolean again, Optional<Duration> after) implements Attempt {}
  }

  /**
   * @param name of the schema, for the endpoint
   * @param schema what the answer must fit
   */
  JsonNode ask(String name, ObjectNode schema, String instructions, String input)
      throws InterruptedException {
    HttpRequest request = request(name, schema, instructions, input);
    Schema checked = schemas.getSchema(schema);
    String why = "";
    for (int attempt = 1; attempt <= settings.attempts(); attempt++) {
      switch (attempt(request, checked)) {
        case Attempt.Answered answered -> {
          return answered.answer();
        }
        case Attempt.Failed failed -> {
          why = failed.why();
          Duration wait = failed.after().orElse(FIRST_PAUSE.multipliedBy(1L << (attempt - 1)));
          boolean tooLong = wait.compareTo(settings.retryAtMost()) > 0;
          if (failed.after().isPresent() && tooLong) {
            throw failure(name, why + ", asks to wait " + wait.toSeconds() + " s", attempt);
          }
          if (!failed.again()) {
            throw failure(name, why, attempt);
          }
          LOG.warn("openai {}: attempt {} of {}: {}", name, attempt, settings.attempts(), why);
          if (attempt < settings.attempts()) {
            pause.pass(tooLong ? settings.retryAtMost() : wait);
          }
        }
      }
    }
    throw failure(name, why, settings.attempts());
  }

  private static InsightsException failure(String name, String why, int attempts) {
    return new InsightsException(
        "openai "
            + name
            + ": "
            + why
            + " ("
            + attempts
            + (attempts == 1 ? " attempt)" : " attempts)"));
  }

  private HttpRequest request(String name, ObjectNode schema, String instructions, String input) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("model", settings.model());
    settings.temperature().ifPresent(value -> body.put("temperature", value));
    var messages = body.putArray("messages");
    messages.addObject().put("role", "system").put("content", instructions);
    messages.addObject().put("role", "user").put("content", input);
    body.putObject("response_format")
        .put("type", "json_schema")
        .putObject("json_schema")
        .put("name", name)
        .put("strict", true)
        .set("schema", schema);
    String base = settings.baseUrl().toString();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                java.net.URI.create(base + (base.endsWith("/") ? "" : "/") + "chat/completions"))
            .timeout(settings.timeout())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    if (!settings.apiKey().isEmpty()) {
      request.header("Authorization", "Bearer " + settings.apiKey());
    }
    return request.build();
  }

  private Attempt attempt(HttpRequest request, Schema schema) throws InterruptedException {
    HttpResponse<String> response;
    try {
      response = send(request);
    } catch (HttpTimeoutException e) {
      return new Attempt.Failed(
          "no answer within " + settings.timeout().toSeconds() + " s", true, Optional.empty());
    } catch (IOException e) {
      return new Attempt.Failed(
          "cannot be reached (" + e.getClass().getSimpleName() + ")", true, Optional.empty());
    }
    if (response.statusCode() != 200) {
      return new Attempt.Failed(
          "HTTP " + response.statusCode(),
          WORTH_ANOTHER.contains(response.statusCode()),
          retryAfter(response));
    }
    return answer(response.body(), schema);
  }

  /** The request's own time-out ends with the headers; a body may stall for ever. */
  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<String>> sent =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_ANSWER_BYTES));
    try {
      return sent.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("the answer is not whole");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException why) {
        throw why;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      // Closes the connection where the answer is not whole.
      sent.cancel(true);
    }
  }

  private Optional<Duration> retryAfter(HttpResponse<?> response) {
    String value = response.headers().firstValue("Retry-After").orElse("").strip();
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.chars().allMatch(c -> c >= '0' && c <= '9') && value.length() < 10) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant at = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(now.get(), at);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static Attempt answer(String body, Schema schema) {
    JsonNode choice;
    JsonNode answer;
    try {
      choice = JsonMapper.shared().readTree(body).path("choices").path(0);
      if (choice.path("message").path("refusal").isString()) {
        return new Attempt.Failed("the model refused", false, Optional.empty());
      }
      if (choice.path("finish_reason").asString("").equals("length")) {
        return new Attempt.Failed("the answer was cut off", false, Optional.empty());
      }
      answer = JsonMapper.shared().readTree(choice.path("message").path("content").asString(""));
    } catch (JacksonException e) {
      return new Attempt.Failed("the answer is not JSON", true, Optional.empty());
    }
    List<Error> errors = schema.validate(answer);
    if (!errors.isEmpty()) {
      Error first = errors.getFirst();
      // Only place and rule: the message may quote the transcript.
      return new Attempt.Failed(
          "the answer does not fit the schema at '"
              + first.getInstanceLocation()
              + "' ("
              + first.getKeyword()
              + ")",
          true,
          Optional.empty());
    }
    return new Attempt.Answered(answer);
  }

  @Override
  public void close() {
    http.shutdownNow();
    http.close();
  }
}
