package org.linescribe.api.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.encryption.DamagedFileException;
import org.linescribe.session.encryption.KeyUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.resource.NoResourceFoundException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every HTTP error as {@code {"error": …}} with details beside it, as the documents show it. What
 * is our bug is logged with its stack trace and told to the client as no more than that.
 */
@Order(-2)
record ProblemResponses(JsonMapper json) implements WebExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemResponses.class);

  private static final Duration STORE_RETRY_AFTER = Duration.ofSeconds(5);

  @Override
  public Mono<Void> handle(ServerWebExchange exchange, Throwable thrown) {
    ServerHttpResponse response = exchange.getResponse();
    if (response.isCommitted()) {
      return Mono.error(thrown);
    }
    return switch (thrown) {
      case RefusedRequestException refused -> write(exchange, refused);
      case SessionRefusedException refused -> write(exchange, RefusedRequestException.of(refused));
      case StoreUnavailableException _ ->
          write(
              exchange,
              RefusedRequestException.unavailable("The store does not answer", STORE_RETRY_AFTER));
      case KeyUnavailableException missing -> {
        LOG.error("{}: {}", exchange.getRequest().getPath(), missing.getMessage());
        yield write(
            exchange,
            HttpStatus.INTERNAL_SERVER_ERROR,
            "The recording's key is not among those of this gateway",
            Map.of("code", "recording_key_missing", "key_id", missing.keyId()),
            Optional.empty());
      }
      case DamagedFileException damaged -> {
        LOG.error("{}: {}", exchange.getRequest().getPath(), damaged.getMessage());
        yield write(
            exchange,
            HttpStatus.INTERNAL_SERVER_ERROR,
            "The recording is not as it was written",
            Map.of("code", "recording_damaged"),
            Optional.empty());
      }
      case ResponseStatusException known -> {
        response.getHeaders().addAll(known.getHeaders());
        yield write(exchange, known.getStatusCode(), reason(known), Map.of(), Optional.empty());
      }
      case Throwable gone when LostClient.isCause(gone) -> {
        LOG.debug("The client of {} is gone", exchange.getRequest().getPath(), gone);
        yield Mono.empty();
      }
      default -> {
        LOG.error(
            "{} {} failed",
            exchange.getRequest().getMethod(),
            exchange.getRequest().getPath(),
            thrown);
        yield write(
            exchange,
            HttpStatus.INTERNAL_SERVER_ERROR,
            "Internal server error",
            Map.of(),
            Optional.empty());
      }
    };
  }

  private static String reason(ResponseStatusException known) {
    HttpStatus status = HttpStatus.resolve(known.getStatusCode().value());
    String given = known.getReason();
    boolean ours =
        known instanceof NoResourceFoundException || known.getStatusCode().is5xxServerError();
    if (given != null && !given.isEmpty() && !ours) {
      return given;
    }
    return status == null ? "Error" : status.getReasonPhrase();
  }

  private Mono<Void> write(ServerWebExchange exchange, RefusedRequestException refused) {
    return write(
        exchange,
        refused.status(),
        String.valueOf(refused.getMessage()),
        refused.details(),
        refused.retryAfter());
  }

  private Mono<Void> write(
      ServerWebExchange exchange,
      HttpStatusCode status,
      String error,
      Map<String, Object> details,
      Optional<Duration> retryAfter) {
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(status);
    response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
    retryAfter.ifPresent(
        wait ->
            response
                .getHeaders()
                .set(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, wait.toSeconds()))));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("error", error);
    body.putAll(details);
    return response.writeWith(
        Mono.fromSupplier(() -> response.bufferFactory().wrap(json.writeValueAsBytes(body))));
  }
}
