package org.linescribe.api.files;

import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;

/**
 * The events of the tasks, kept for a bounded time, with a notification of new ones. The log is
 * authoritative and a notification only says when to read it: a lost one delays a reader, and never
 * causes a gap or a repeat.
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

  /** Whether this node works, or worked, on the task. */
  boolean isOwn(SessionId taskId);

  /**
   * Forgets a task, on every node. What a task at work still publishes is dropped.
   *
   * @throws TaskEventsUnavailableException when not all of it can be forgotten now
   */
  void erase(SessionId taskId) throws InterruptedException;

  /**
   * Calls the listener when a task has new events, on a thread that it must not block.
   *
   * @return to be closed when no more are wanted
   */
  Registration listen(SessionId taskId, Runnable listener);

  /** Ends the notifications. Idempotent. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  void close();
}
