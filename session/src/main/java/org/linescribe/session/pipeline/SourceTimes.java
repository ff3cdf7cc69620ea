package org.linescribe.session.pipeline;

import java.util.Optional;
import org.linescribe.session.SourceClosed;

/**
 * How long a source may last: without audio, in all, and on its way out.
 *
 * <p>Thread: any; times in ms of the pipeline's clock.
 */
final class SourceTimes {
  private final SessionSettings settings;
  private final long openedMs;
  private volatile long lastAudioMs;
  private volatile long closingSinceMs = Long.MAX_VALUE;

  SourceTimes(SessionSettings settings, long openedMs) {
    this.settings = settings;
    this.openedMs = openedMs;
    this.lastAudioMs = openedMs;
  }

  void heard(long nowMs) {
    lastAudioMs = nowMs;
  }

  void closes(long nowMs) {
    closingSinceMs = nowMs;
  }

  /** Whether the end takes longer than it may. */
  boolean isOverdue(long nowMs) {
    return nowMs - closingSinceMs > settings.flushTime().toMillis();
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
