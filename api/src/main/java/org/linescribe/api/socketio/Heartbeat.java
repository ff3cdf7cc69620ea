package org.linescribe.api.socketio;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Pings a client, and gives it up when it does not answer. While what it sent is still in work its
 * pong may lie behind that, unread: then it has time for as long as the work moves on.
 *
 * <p>Thread: any; it beats on the timer.
 *
 * <p>Source: the Engine.IO protocol, revision 4, "Heartbeat".
 */
final class Heartbeat {
  /** The client that is asked. Never called while a lock is held. */
  interface Client {
    /**
     * @return false when the connection has ended
     */
    boolean ping();

    /** Whether something of the client's is in work, and whatever it waits for still comes. */
    boolean isMovingOn();

    void isSilent();
  }

  private final Client client;
  private final EngineTimer timer;
  private final Duration interval;
  private final Duration timeout;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Future<?> next;
  private boolean stopped;

  Heartbeat(Client client, EngineTimer timer, Duration interval, Duration timeout) {
    this.client = client;
    this.timer = timer;
    this.interval = interval;
    this.timeout = timeout;
  }

  /** The next ping is due an interval from now: the connection is new, or a pong has come. */
  void rest() {
    next(interval, this::ping);
  }

  void stop() {
    lock.lock();
    try {
      stopped = true;
      if (next != null) {
        next.cancel(false);
      }
    } finally {
      lock.unlock();
    }
  }

  private void ping() {
    if (client.ping()) {
      next(timeout, this::silent);
    }
  }

  private void silent() {
    if (client.isMovingOn()) {
      next(timeout, this::silent);
    } else {
      client.isSilent();
    }
  }

  private void next(Duration delay, Runnable beat) {
    lock.lock();
    try {
      if (next != null) {
        next.cancel(false);
      }
      if (!stopped) {
        next = timer.later(beat, delay);
      }
    } finally {
      lock.unlock();
    }
  }
}
