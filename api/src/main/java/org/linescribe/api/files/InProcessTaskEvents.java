package org.linescribe.api.files;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;

/**
 * The events of this node's own tasks. A finished task is removed after its retention, or when
 * there are too many; a running task never.
 *
 * <p>Thread: any.
 */
public final class InProcessTaskEvents implements TaskEvents {
  /** Per task. Beyond it partials are dropped, and no other event. */
  static final int MAX_PARTIALS = 20_000;

  private final Duration keep;
  private final int maxFinished;
  private final LongSupplier nowNs;

  /** Guarded by itself; the oldest first. */
  private final LinkedHashMap<SessionId, TaskLog> logs = new LinkedHashMap<>();

  private final Map<SessionId, List<Runnable>> listeners = new ConcurrentHashMap<>();

  private static final class TaskLog {
    private final List<TaskEvent> events = new ArrayList<>();
    private int partials;
    private boolean finished;

    /** Until the task, which goes on, has ended. */
    private boolean erased;

    private long finishedNs;

    TaskEvent newest() {
      for (int i = events.size() - 1; i > 0; i--) {
        if (events.get(i).kind() != TaskEvent.Kind.PARTIAL) {
          return events.get(i);
        }
      }
      return events.getFirst();
    }
  }

  /**
   * @param keep retention of a finished task
   * @param maxFinished finished tasks that are kept
   */
  public InProcessTaskEvents(Duration keep, int maxFinished) {
    this(keep, maxFinished, System::nanoTime);
  }

  InProcessTaskEvents(Duration keep, int maxFinished, LongSupplier nowNs) {
    this.keep = keep;
    this.maxFinished = maxFinished;
    this.nowNs = nowNs;
  }

  @Override
  public void publish(SessionId taskId, TaskEvent event) {
    synchronized (logs) {
      TaskLog log = logs.computeIfAbsent(taskId, id -> new TaskLog());
      if (log.erased) {
        if (event.kind().isLast()) {
          logs.remove(taskId);
        }
        return;
      }
      boolean partial = event.kind() == TaskEvent.Kind.PARTIAL;
      if (!partial || log.partials < MAX_PARTIALS) {
        log.events.add(event);
        log.partials += partial ? 1 : 0;
      }
      if (event.kind().isLast()) {
        log.finished = true;
        log.finishedNs = nowNs.getAsLong();
        forgetOld();
      }
    }
    listeners.getOrDefault(taskId, List.of()).forEach(Runnable::run);
  }

  private void forgetOld() {
    long oldestNs = nowNs.getAsLong() - keep.toNanos();
    long finished = logs.values().stream().filter(log -> log.finished).count();
    for (Iterator<TaskLog> all = logs.values().iterator(); all.hasNext(); ) {
      TaskLog log = all.next();
      if (log.finished && (log.finishedNs - oldestNs < 0 || finished > maxFinished)) {
        all.remove();
        finished--;
      }
    }
  }

  @Override
  public List<TaskEvent> after(SessionId taskId, long seq) {
    synchronized (logs) {
      TaskLog log = known(taskId);
      if (log == null) {
        return List.of();
      }
      int from = log.events.size();
      while (from > 0 && log.events.get(from - 1).seq() > seq) {
        from--;
      }
      return List.copyOf(log.events.subList(from, log.events.size()));
    }
  }

  @Override
  public Optional<TaskEvent> latest(SessionId taskId) {
    synchronized (logs) {
      return Optional.ofNullable(known(taskId)).map(TaskLog::newest);
    }
  }

  @Override
  public boolean isOwn(SessionId taskId) {
    synchronized (logs) {
      return known(taskId) != null;
    }
  }

  @Override
  public void erase(SessionId taskId) {
    synchronized (logs) {
      TaskLog log = logs.get(taskId);
      if (log == null) {
        return;
      }
      log.events.clear();
      log.erased = true;
      if (log.finished) {
        logs.remove(taskId);
      }
    }
  }

  /** Whether the task was erased and is still at work. */
  boolean isErased(SessionId taskId) {
    synchronized (logs) {
      TaskLog log = logs.get(taskId);
      return log != null && log.erased;
    }
  }

  /** This node's tasks. */
  List<SessionId> tasks() {
    synchronized (logs) {
      return List.copyOf(logs.keySet());
    }
  }

  private @Nullable TaskLog known(SessionId taskId) {
    forgetOld();
    TaskLog log = logs.get(taskId);
    return log == null || log.erased ? null : log;
  }

  @Override
  public Registration listen(SessionId taskId, Runnable listener) {
    listeners.compute(
        taskId,
        (id, present) -> {
          List<Runnable> all = present == null ? new CopyOnWriteArrayList<>() : present;
          all.add(listener);
          return all;
        });
    return () ->
        listeners.computeIfPresent(
            taskId,
            (id, present) -> {
              present.remove(listener);
              return present.isEmpty() ? null : present;
            });
  }

  @Override
  public void close() {
    synchronized (logs) {
      logs.clear();
    }
  }
}
