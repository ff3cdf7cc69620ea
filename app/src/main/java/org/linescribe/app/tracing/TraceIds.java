package org.linescribe.app.tracing;

import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.resources.Sha256;
import org.linescribe.session.SessionId;

/**
 * The ids of sessions' traces. A session that begins a trace of its own gives it its id: that of a
 * UUID without the dashes, of another one a hash. So all sources of a session, on any node, are in
 * one trace, and whoever has the session's id finds it.
 *
 * <p>Thread: any.
 */
public final class TraceIds implements IdGenerator {
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final String NOT_AN_ID = "0".repeat(32);

  /** What the next root span's trace is called, for the time of its start. */
  private static final ScopedValue<String> NEXT = ScopedValue.newInstance();

  /** The sessions that are open and traced, of all gateways in this process. */
  private static final Map<SessionId, String> OPEN = new ConcurrentHashMap<>();

  private final IdGenerator random = IdGenerator.random();

  TraceIds() {}

  /** The trace of a session that is open and traced; else null. */
  public static @Nullable String of(SessionId sessionId) {
    return OPEN.get(sessionId);
  }

  static void opened(SessionId sessionId, String traceId) {
    OPEN.put(sessionId, traceId);
  }

  static void closed(SessionId sessionId) {
    OPEN.remove(sessionId);
  }

  /** 32 hexadecimal digits. */
  static String made(SessionId sessionId) {
    String id = sessionId.value();
    String digits = UUID.matcher(id).matches() ? id.replace("-", "") : hash(id);
    return digits.equals(NOT_AN_ID) ? hash(id) : digits;
  }

  private static String hash(String id) {
    return Sha256.ofText(id).substring(0, 32);
  }

  /** Runs what starts a root span, whose trace gets this id. */
  static <T> T named(String traceId, ScopedValue.CallableOp<T, RuntimeException> start) {
    return ScopedValue.where(NEXT, traceId).call(start);
  }

  @Override
  public String generateSpanId() {
    return random.generateSpanId();
  }

  @Override
  public String generateTraceId() {
    return NEXT.isBound() ? NEXT.get() : random.generateTraceId();
  }
}
