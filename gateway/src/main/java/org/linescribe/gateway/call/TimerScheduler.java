package org.linescribe.gateway.call;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs what a call's timers wait for: a minute of a session timer is a test's to give. */
@FunctionalInterface
interface TimerScheduler {
  /** By the event loop's own clock. */
  TimerScheduler REAL_TIME =
      (loop, task, delay) -> loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);

  /**
   * Runs a task on the loop, later.
   *
   * @return cancels it
   */
  Future<?> schedule(EventLoop loop, Runnable task, Duration delay);
}
