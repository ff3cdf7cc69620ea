package org.linescribe.session.numbering;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.SourceClosed;

/**
 * Limits a source's life: its time without audio, its length, and the time that its end takes.
 *
 * <p>Thread: any, {@link #isOverdue} one at a time; times in ms of the pipeline's clock.
 */
final class SourceTimers {
  private static final long MAX_PATIENCE_MS = 60_000;

  private final SessionSettings settings;
  private final long openedMs;
  private volatile long lastAudioMs;
  private volatile long closingSinceMs = Long.MAX_VALUE;
  private volatile long progressMs = Long.MIN_VALUE;
  private long leastBacklogMs = Long.MAX_VALUE;

  SourceTimers(SessionSettings settings, long openedMs) {
    this.settings = settings;
    this.openedMs = openedMs;
    this.lastAudioMs = openedMs;
  }

  void audioReceived(long nowMs) {
    lastAudioMs = nowMs;
  }

  void closing(long nowMs) {
    closingSinceMs = nowMs;
  }

  /**
   * Whether the end takes longer than it may. Decoders that are behind get the time that they need
   * for what waits, up to a minute, and that again with every bit of this source's audio that they
   * decode: only an end that makes no progress is overdue.
   *
   * @param ownBacklogMs audio of this source that is not decoded yet
   * @param backlogMs tells what waits for the decoders, of all sources; asked only where it matters
   */
  boolean isOverdue(long nowMs, long ownBacklogMs, LongSupplier backlogMs) {
    if (ownBacklogMs < leastBacklogMs) {
      leastBacklogMs = ownBacklogMs;
      progressMs = nowMs;
    }
    long waitedMs = nowMs - Math.max(closingSinceMs, progressMs);
    long flushMs = settings.flushTime().toMillis();
    return waitedMs > flushMs
        && waitedMs
            > Math.max(flushMs, Math.min(MAX_PATIENCE_MS, flushMs + 2 * backlogMs.getAsLong()));
  }

  /** The decoders gave a result while the source ends. */
  void progressed(long nowMs) {
    progressMs = nowMs;
  }

  /** Why the source must close now. */
  Optional<SourceClosed> closeDue(long nowMs) {
    if (nowMs - openedMs > settings.maxLength().toMillis()) {
      return Optional.of(SourceClosed.TOO_LONG);
    }
    return nowMs - lastAudioMs > settings.idleTime().toMillis()
        ? Optional.of(SourceClosed.IDLE)
        : Optional.empty();
  }
}
