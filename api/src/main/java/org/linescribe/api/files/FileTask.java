package org.linescribe.api.files;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;

/**
 * A file on its way: waiting, at work, ended. It ends once, by whoever comes first: its work, its
 * client's leaving, its time.
 *
 * <p>Thread: any.
 */
final class FileTask {
  /** Who ends a task before its work is done. */
  enum Stop {
    CLIENT_GONE,
    TIMEOUT,
    SHUTDOWN
  }

  private final SessionId taskId;
  private final String client;
  private final Upload upload;
  private final Duration timeout;
  private final Instant submittedAt;
  private final long submittedNs;
  private final AtomicReference<@Nullable Stop> stop = new AtomicReference<>();
  private @Nullable Thread worker;

  FileTask(
      SessionId taskId,
      String client,
      Upload upload,
      Duration timeout,
      Instant submittedAt,
      long submittedNs) {
    this.taskId = taskId;
    this.client = client;
    this.upload = upload;
    this.timeout = timeout;
    this.submittedAt = submittedAt;
    this.submittedNs = submittedNs;
  }

  SessionId taskId() {
    return taskId;
  }

  String client() {
    return client;
  }

  Upload upload() {
    return upload;
  }

  /** Of its work, once it has begun. */
  Duration timeout() {
    return timeout;
  }

  Instant submittedAt() {
    return submittedAt;
  }

  double elapsedSeconds(long nowNs) {
    return Math.round((nowNs - submittedNs) / 1e8) / 10.0;
  }

  /** The calling thread is the one to interrupt; false when the task was stopped before. */
  synchronized boolean begin() {
    if (stop.get() != null) {
      return false;
    }
    worker = Thread.currentThread();
    return true;
  }

  /** No interrupt comes after this. */
  synchronized void leave() {
    worker = null;
    // One that came at the last moment is not the next task's.
    Thread.interrupted();
  }

  /**
   * @return false when another reason came first
   */
  synchronized boolean stop(Stop reason) {
    boolean first = stop.compareAndSet(null, reason);
    Thread working = worker;
    if (first && working != null) {
      working.interrupt();
    }
    return first;
  }

  @Nullable Stop stopped() {
    return stop.get();
  }
}
