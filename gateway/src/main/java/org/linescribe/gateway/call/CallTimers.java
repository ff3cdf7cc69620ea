package org.linescribe.gateway.call;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Predicate;

/**
 * The timers of one call; all of them are cancelled when the call ends.
 *
 * <p>Thread: the call's event loop.
 */
final class CallTimers {
  /** What a timer waits for. */
  enum CallTimer {
    /** The transcription session must be open. */
    OPEN,
    /** The call is answered when it fires. */
    ANSWER,
    /** The peer must acknowledge the 200. */
    ACK,
    /** We refresh the SIP session (RFC 4028). */
    REFRESH,
    /** The SIP session must have been refreshed, by the peer or by us. */
    EXPIRY,
    /** A held or silent peer is asked whether the dialog still exists. */
    KEEPALIVE,
    /** The peer must answer that question. */
    QUESTION,
    /** The target of a transfer must answer. */
    TRANSFER,
    /** The quality of the media is taken again. */
    QUALITY
  }

  private final EventLoop loop;
  private final TimerScheduler scheduler;
  private final Predicate<Runnable> guarded;
  private final Map<CallTimer, Future<?>> set = new EnumMap<>(CallTimer.class);
  private boolean closed;

  /**
   * @param guarded runs a task on the loop; an exception ends the call; false where the gateway is
   *     closed
   */
  CallTimers(EventLoop loop, TimerScheduler scheduler, Predicate<Runnable> guarded) {
    this.loop = loop;
    this.scheduler = scheduler;
    this.guarded = guarded;
  }

  /**
   * Runs a task on the loop. Thread: any.
   *
   * @return false where the gateway is closed and it will not run
   */
  boolean run(Runnable task) {
    return guarded.test(task);
  }

  /** Starts a timer, replacing a running one of the same kind; none after the call's end. */
  void set(CallTimer timer, Duration delay, Runnable task) {
    if (closed) {
      return;
    }
    clear(timer);
    set.put(timer, scheduler.schedule(loop, () -> guarded.test(task), delay));
  }

  void clear(CallTimer timer) {
    Future<?> former = set.remove(timer);
    if (former != null) {
      former.cancel(false);
    }
  }

  /** The call has ended. */
  void close() {
    closed = true;
    set.values().forEach(timer -> timer.cancel(false));
    set.clear();
  }
}
