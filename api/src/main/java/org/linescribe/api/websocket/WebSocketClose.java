package org.linescribe.api.websocket;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceClosed;

/**
 * Why this side closes a WebSocket: the same codes in every API.
 *
 * @param code RFC 6455 §7.4
 * @param reason for the client's developer; cut to the protocol's 123 bytes
 * @param retryAfter when to come again, where that helps; the reason says it too
 */
public record WebSocketClose(int code, String reason, Optional<Duration> retryAfter) {
  private static final int MAX_REASON_BYTES = 123;

  public static final WebSocketClose NORMAL = new WebSocketClose(1000, "");
  public static final WebSocketClose DRAINING =
      new WebSocketClose(1001, "draining: the gateway is shutting down, reconnect");
  public static final WebSocketClose FAILED = new WebSocketClose(1011, "internal error");

  /** For a source that left too many finals unread. */
  public static final WebSocketClose TOO_SLOW =
      badRequest("too slow: finals unread; they are kept, read them at /ws/subscribe");

  public static final WebSocketClose SUPERSEDED =
      new WebSocketClose(4001, "superseded: a newer connection took the session");

  public WebSocketClose {
    byte[] utf8 = reason.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > MAX_REASON_BYTES) {
      int end = MAX_REASON_BYTES;
      while ((utf8[end] & 0xC0) == 0x80) {
        end--;
      }
      reason = new String(utf8, 0, end, StandardCharsets.UTF_8);
    }
  }

  public WebSocketClose(int code, String reason) {
    this(code, reason, Optional.empty());
  }

  /** What the client asked for cannot be given, now or later: 1008. */
  public static WebSocketClose badRequest(String reason) {
    return new WebSocketClose(1008, reason);
  }

  /** A text message is not UTF-8: 1007. */
  static final WebSocketClose NOT_UTF8 = new WebSocketClose(1007, "a text message is not UTF-8");

  /** A message was larger than the setting allows: 1009. */
  public static WebSocketClose tooBig(long maxBytes) {
    return new WebSocketClose(1009, "message too big (at most " + maxBytes + " bytes)");
  }

  /** Not now: 1013, with the seconds after which to come again. */
  public static WebSocketClose tryAgain(String reason, Duration retryAfter) {
    return new WebSocketClose(
        1013,
        reason + "; retry after " + Math.max(1, retryAfter.toSeconds()) + " s",
        Optional.of(retryAfter));
  }

  /** The close that says why a source was not admitted. */
  public static WebSocketClose of(SessionRefusedException refused) {
    return switch (refused.reason()) {
      case OVERLOADED -> tryAgain("overloaded: " + refused.getMessage(), refused.retryAfter());
      case STORE_UNAVAILABLE ->
          tryAgain("store unavailable: " + refused.getMessage(), refused.retryAfter());
      case DRAINING -> DRAINING;
      case UNSUPPORTED -> badRequest(String.valueOf(refused.getMessage()));
      case CONFLICT -> new WebSocketClose(4009, String.valueOf(refused.getMessage()));
    };
  }

  /** The close that says why a session let its source go. */
  public static WebSocketClose of(SourceClosed reason) {
    return switch (reason) {
      case SUPERSEDED -> SUPERSEDED;
      case IDLE -> new WebSocketClose(1000, "idle: no audio for the idle time");
      case TOO_LONG -> badRequest("the session's length is used up");
      case DRAINING -> DRAINING;
      case FAILED -> FAILED;
    };
  }
}
