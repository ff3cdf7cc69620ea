package org.linescribe.api.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.linescribe.session.SessionId;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;

/** Reads parameters of a request, and refuses wrong ones with 400 in the same words everywhere. */
public final class Requests {
  /** The path variable that names the session, in all APIs. */
  public static final String SESSION_ID = "session_id";

  private static final Pattern OFFSET =
      Pattern.compile("(.+)([+-])([01][0-9]|2[0-3]):([0-5][0-9])");

  private Requests() {}

  /** Closes the connection of a request whose rest nobody reads. */
  public static void hangUp(ServerRequest request) {
    HttpServerRequest netty =
        ServerHttpRequestDecorator.getNativeRequest(request.exchange().getRequest());
    netty.withConnection(Connection::dispose);
  }

  /** Refuses with 400 what does not hold. */
  public static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw RefusedRequestException.badRequest(otherwise);
    }
  }

  /** The path variable {@code session_id}. */
  public static SessionId sessionId(ServerRequest request) {
    return sessionId(request.pathVariable(SESSION_ID));
  }

  /** A session id as a client wrote it. */
  public static SessionId sessionId(String value) {
    if (!SessionId.isValid(value)) {
      throw RefusedRequestException.badRequest(
          "session_id: "
              + value.length()
              + " characters (expected: 1 to 128 of A-Z a-z 0-9 . _ ~ - + ! @ :, not only dots)");
    }
    return new SessionId(value);
  }

  /** A whole number in a range, or the fallback when it is absent. */
  public static long number(
      ServerRequest request, String name, long lowest, long highest, long fallback) {
    return request
        .queryParam(name)
        .map(text -> number(name, text, lowest, highest))
        .orElse(fallback);
  }

  /** A whole number in a range. */
  public static long number(String name, String text, long lowest, long highest) {
    return parse(text)
        .filter(value -> value >= lowest && value <= highest)
        .orElseThrow(
            () ->
                RefusedRequestException.badRequest(
                    name + ": expected a whole number from " + lowest + " to " + highest));
  }

  /** A truth value, or the fallback when it is absent. */
  public static boolean flag(ServerRequest request, String name, boolean fallback) {
    return request.queryParam(name).map(text -> flag(name, text)).orElse(fallback);
  }

  private static boolean flag(String name, String text) {
    return switch (text) {
      case "true", "1", "" -> true;
      case "false", "0" -> false;
      default -> throw RefusedRequestException.badRequest(name + ": expected true or false");
    };
  }

  /** A point in time, or empty where the parameter is absent. */
  public static Optional<Instant> instant(ServerRequest request, String name) {
    return request.queryParam(name).map(text -> instant(name, text));
  }

  /** A point in time as RFC 3339 §5.6 writes it. */
  public static Instant instant(String name, String text) {
    try {
      Matcher offset = OFFSET.matcher(text);
      if (!offset.matches()) {
        return Instant.parse(text.toUpperCase(Locale.ROOT));
      }
      // RFC 3339 allows offsets of up to a day, java.time of up to 18 hours.
      Duration ahead =
          Duration.ofHours(Integer.parseInt(offset.group(3)))
              .plusMinutes(Integer.parseInt(offset.group(4)));
      Instant local = Instant.parse(offset.group(1).toUpperCase(Locale.ROOT) + "Z");
      return offset.group(2).equals("+") ? local.minus(ahead) : local.plus(ahead);
    } catch (DateTimeException e) {
      throw RefusedRequestException.badRequest(
          name + ": expected a time such as 2026-01-20T10:30:00.123456Z");
    }
  }

  private static Optional<Long> parse(String text) {
    try {
      return Optional.of(Long.parseLong(text));
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }
}
