package org.linescribe.api.socketio;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.linescribe.api.socketio.protocol.EngineTimer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Time that passes when the test says so: no ping, no time-out and no rest comes by itself. */
@Configuration(proxyBeanMethods = false)
class ManualTime {
  @Bean
  ManualTimer manualTimer() {
    return new ManualTimer();
  }

  /** Due tasks run on the thread that advances the time, one after another. */
  static final class ManualTimer implements EngineTimer {
    private record Due(long atMs, long order, FutureTask<?> task) {}

    private final PriorityQueue<Due> dues =
        new PriorityQueue<>(
            java.util.Comparator.comparingLong(Due::atMs).thenComparingLong(Due::order));
    private long nowMs;
    private long count;

    @Override
    public synchronized Future<?> later(Runnable task, Duration delay) {
      FutureTask<?> future = new FutureTask<>(task, null);
      dues.add(new Due(nowMs + delay.toMillis(), count++, future));
      return future;
    }

    @Override
    public synchronized void stop() {
      dues.clear();
    }

    void advance(Duration time) {
      long untilMs = add(time);
      for (Due due = next(untilMs); due != null; due = next(untilMs)) {
        due.task().run();
      }
    }

    private synchronized long add(Duration time) {
      return nowMs + time.toMillis();
    }

    private synchronized Due next(long untilMs) {
      Due first = dues.peek();
      if (first == null || first.atMs() > untilMs) {
        nowMs = untilMs;
        return null;
      }
      nowMs = Math.max(nowMs, first.atMs());
      return dues.poll();
    }
  }
}
