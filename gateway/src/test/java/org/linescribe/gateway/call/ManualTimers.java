package org.linescribe.gateway.call;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** Timers of calls for which time passes only when a test says so. */
final class ManualTimers implements TimerScheduler {
  private record Waiting(
      EventLoop loop, Runnable task, Duration due, CompletableFuture<Void> cancellation) {}

  private final List<Waiting> waiting = new ArrayList<>();
  private Duration now = Duration.ZERO;

  @Override
  public synchronized Future<?> schedule(EventLoop loop, Runnable task, Duration delay) {
    Waiting added = new Waiting(loop, task, now.plus(delay), new CompletableFuture<>());
    waiting.add(added);
    return added.cancellation();
  }

  /** Whether a timer fires after just this time. */
  synchronized boolean isSet(Duration after) {
    return waiting.stream()
        .anyMatch(one -> !one.cancellation().isCancelled() && one.due().equals(now.plus(after)));
  }

  /** Lets time pass, and what is due by then run, in order. */
  synchronized void advance(Duration by) {
    now = now.plus(by);
    List<Waiting> due =
        waiting.stream()
            .filter(one -> one.due().compareTo(now) <= 0)
            .sorted(Comparator.comparing(Waiting::due))
            .toList();
    waiting.removeAll(due);
    for (Waiting one : due) {
      one.loop()
          .execute(
              () -> {
                if (!one.cancellation().isCancelled()) {
                  one.task().run();
                }
              });
    }
  }
}
