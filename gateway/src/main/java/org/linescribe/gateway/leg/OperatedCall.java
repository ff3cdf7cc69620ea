package org.linescribe.gateway.leg;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.OpenCall;

/**
 * The call that operators see in an {@link OperatedSource}: its times, whether it is paused, and
 * the record that it leaves.
 *
 * <p>Thread: the source's event loop.
 */
public final class OperatedCall {
  private final String kind;
  private final String transport;
  private final Clock clock;
  private final CallLog log;
  private final Executor blocking;
  private boolean paused;
  private @Nullable Instant startedAt;
  private @Nullable Instant openedAt;

  /**
   * @param kind the session's
   * @param transport of its audio, {@code tcp} or {@code udp}
   * @param blocking where the record is kept
   */
  public OperatedCall(String kind, String transport, Clock clock, CallLog log, Executor blocking) {
    this.kind = kind;
    this.transport = transport;
    this.clock = clock;
    this.log = log;
    this.blocking = blocking;
  }

  /** Its audio begins. */
  public void started() {
    startedAt = clock.instant();
  }

  public boolean isStarted() {
    return startedAt != null;
  }

  /** Its session is open. */
  public void opened() {
    openedAt = clock.instant();
  }

  public boolean isPaused() {
    return paused;
  }

  /**
   * @param source its session's, once that is open
   */
  public void pause(boolean on, @Nullable SessionSource source) {
    paused = on;
    if (on && source != null) {
      source.flush();
    }
  }

  /** Notes a moment with the session, once that is open. */
  public void mark(CallMark mark, @Nullable SessionSource source) {
    if (source != null) {
      source.describe(mark.key(), mark.value());
    }
  }

  /**
   * What is to be seen of it since it {@linkplain #started}.
   *
   * @param peer the sender's address, or empty
   */
  public OpenCall seen(SessionId sessionId, String peer, List<LegQuality> quality) {
    return new OpenCall(
        sessionId,
        sessionId.value(),
        kind,
        Optional.empty(),
        peer,
        "",
        transport,
        openedAt == null ? "opening" : "active",
        Objects.requireNonNull(startedAt),
        Optional.ofNullable(openedAt),
        paused,
        "off",
        Optional.empty(),
        quality);
  }

  /**
   * Keeps the record of one whose session was open.
   *
   * @param last what was to be seen of it at its end
   * @return completes when the record is kept, or there is none to keep
   */
  public CompletableFuture<Void> ended(OpenCall last, String reason) {
    if (openedAt == null) {
      return CompletableFuture.completedFuture(null);
    }
    CallRecord kept = CallRecord.of(last, clock.instant(), reason);
    return CompletableFuture.runAsync(() -> log.keep(kept), blocking);
  }
}
