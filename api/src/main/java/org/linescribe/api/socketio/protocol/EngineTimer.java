package org.linescribe.api.socketio.protocol;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs short tasks later: pings, time-outs. Tests bring one whose time they advance themselves.
 *
 * <p>Thread: any; tasks run on the timer's own and must not block.
 */
public interface EngineTimer {
  /** Runs the task, unless it is cancelled or the timer has stopped by then. */
  Future<?> later(Runnable task, Duration delay);

  /** Forgets what is still to come. Idempotent. */
  void stop();

  /** By the machine's clock, on one thread. */
  static EngineTimer started() {
    ScheduledThreadPoolExecutor thread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("socketio-timer").factory());
    thread.setRemoveOnCancelPolicy(true);
    return new EngineTimer() {
      @Override
      public Future<?> later(Runnable task, Duration delay) {
        try {
          return thread.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopped) {
          return CompletableFuture.completedFuture(null);
        }
      }

      @Override
      public void stop() {
        thread.shutdownNow();
      }
    };
  }
}
