package org.linescribe.api.files;

import java.util.Optional;

/**
 * One event of a task.
 *
 * @param seq from 1, without gaps within the task
 * @param owner of the task: name of the API key, empty where none was asked for
 * @param json in the documented format, one line
 */
public record TaskEvent(long seq, Kind kind, Optional<String> owner, String json) {
  /** The kinds of event. */
  public enum Kind {
    SUBMITTED,
    PROGRESS,
    /** A partial result; only the realtime stream carries it. */
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
