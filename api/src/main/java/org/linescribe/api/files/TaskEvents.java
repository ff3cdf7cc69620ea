package org.linescribe.api.files;

import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;

/**
 * The events of the tasks, kept for a bounded time, and a bell that rings when there are more. The
 * log is the truth and the bell only says when to look: a lost ring delays a reader, it never makes
 * a gap or a repeat.
 *
 * <p>Thread: any. Errors: {@link TaskEventsUnavailableException} when the log cannot be read.
 */
public interface TaskEvents extends AutoCloseable {
  /** Appends; the owner of the task calls it, with numbers in order. Does not wait. */
  void publish(SessionId taskId, TaskEvent event);

  /** The events after a number, in order; empty when there are none or the task is unknown. */
  List<TaskEvent> after(SessionId taskId, long seq) throws InterruptedException;

  /** The newest event that is not a partial one; empty when the task is unknown. */
  Optional<TaskEvent> latest(SessionId taskId) throws InterruptedException;

  /**
   * Rings when a task has new events, on a thread that must not be held up.
   *
   * @return closed to stop
   */
  Registration listen(SessionId taskId, Runnable bell);

  /** Ends a bell. Idempotent. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  void close();
}
