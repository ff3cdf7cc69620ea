package org.linescribe.api.files;

/** The log of the tasks cannot be read now. */
public final class TaskEventsUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TaskEventsUnavailableException(Throwable cause) {
    super("the tasks' events cannot be read", cause);
  }
}
