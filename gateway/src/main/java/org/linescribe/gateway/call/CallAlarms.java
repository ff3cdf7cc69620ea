package org.linescribe.gateway.call;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What a call waits for, each thing with a time limit of its own; all of them end with the call.
 *
 * <p>Thread: the call's event loop.
 */
final class CallAlarms {
  /** What is waited for. */
  enum Alarm {
    /** The session, to be open. */
    OPEN,
    /** The moment to answer. */
    ANSWER,
    /** The peer's ACK. */
    ACK,
    /** The peer's next refresh of the SIP session (RFC 4028). */
    REFRESH
  }

  private final EventLoop loop;
  private final Consumer<Runnable> guarded;
  private final Map<Alarm, Future<?>> set = new EnumMap<>(Alarm.class);

  /**
   * @param guarded runs a task on the loop such that its faults end the call
   */
  CallAlarms(EventLoop loop, Consumer<Runnable> guarded) {
    this.loop = loop;
    this.guarded = guarded;
  }

  /** Sets an alarm, anew where it is set already. */
  void set(Alarm alarm, Duration delay, Runnable task) {
    clear(alarm);
    set.put(
        alarm, loop.schedule(() -> guarded.accept(task), delay.toMillis(), TimeUnit.MILLISECONDS));
  }

  void clear(Alarm alarm) {
    Future<?> former = set.remove(alarm);
    if (former != null) {
      former.cancel(false);
    }
  }

  void clear() {
    set.values().forEach(alarm -> alarm.cancel(false));
    set.clear();
  }
}
