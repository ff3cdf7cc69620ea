package org.linescribe.api.files;

/**
 * One event of a task.
 *
 * @param seq from 1, without gaps within the task
 * @param json as the document shows it, one line
 */
public record TaskEvent(long seq, Kind kind, String json) {
  /** What it tells. */
  public enum Kind {
    SUBMITTED,
    PROGRESS,
    /** A part of a result; only the realtime stream carries it. */
    PARTIAL,
    COMPLETED,
    FAILED,
    TIMEOUT;

    /** No event follows it. */
    public boolean isLast() {
      return switch (this) {
        case SUBMITTED, PROGRESS, PARTIAL -> false;
        case COMPLETED, FAILED, TIMEOUT -> true;
      };
    }
  }
}
