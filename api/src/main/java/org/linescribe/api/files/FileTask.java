package org.linescribe.api.files;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.RequestOrigin;
import org.linescribe.session.SessionId;

/**
 * A file that waits, is processed or has ended. It ends once, by the first of: its result, the
 * client's disconnect, its timeout.
 *
 * <p>Thread: any.
 */
final class FileTask {
  /** Why a task ends before its work is done. */
  enum Stop {
    CLIENT_GONE,
    TIMEOUT,
    SHUTDOWN
  }

  /**
   * @param client the key's name or the address, for a fair queue
   * @param origin the key's name and the client's trace
   */
  record Submitter(String client, RequestOrigin origin) {}

  private final SessionId taskId;
  private final Submitter submitter;
  private final Upload upload;
  private final Duration timeout;
  private final Instant submittedAt;
  private final long submittedNs;
  private final AtomicReference<@Nullable Stop> stop = new AtomicReference<>();
  private @Nullable Thread worker;

  FileTask(
      SessionId taskId,
      Submitter submitter,
      Upload upload,
      Duration timeout,
      Instant submittedAt,
      long submittedNs) {
    this.taskId = taskId;
    this.submitter = submitter;
    this.upload = upload;
    this.timeout = timeout;
    this.submittedAt = submittedAt;
    this.submittedNs = submittedNs;
  }

  SessionId taskId() {
    return taskId;
  }

  /** Whose turn in the queue the task takes. */
  String client() {
    return submitter.client();
  }

  /** Name of the API key, empty where none is required. */
  Optional<String> owner() {
    return submitter.origin().owner();
  }

  /** The client's trace, see {@link org.linescribe.session.SourceRequest}. */
  Optional<String> traceParent() {
    return submitter.origin().traceParent();
  }

  Upload upload() {
    return upload;
  }

  /** Bounds the work, counted from its start. */
  Duration timeout() {
    return timeout;
  }

  Instant submittedAt() {
    return submittedAt;
  }

  double elapsedSeconds(long nowNs) {
    return Math.round((nowNs - submittedNs) / 1e8) / 10.0;
  }

  /**
   * Registers the calling thread as the worker to interrupt; false when the task was stopped
   * before.
   */
  synchronized boolean begin() {
    if (stop.get() != null) {
      return false;
    }
    worker = Thread.currentThread();
    return true;
  }

  /** Unregisters the worker, which receives no interrupt after this. */
  synchronized void leave() {
    worker = null;
    // An interrupt of this task must not reach the next one.
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
