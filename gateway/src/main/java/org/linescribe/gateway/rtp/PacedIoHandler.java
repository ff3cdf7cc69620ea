package org.linescribe.gateway.rtp;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Reads the sockets of an event loop at intervals instead of at each datagram, while calls are in
 * progress. A packet of 20 ms needs no wake-up of its own where the next decoding is 160 ms away;
 * of a call's cost on the RTP path two thirds was waking up.
 *
 * <p>Tasks do not wait for the interval: {@link #wakeup} ends it, and so does a task's deadline.
 * Each turn polls until no socket is readable, so that a socket is drained though it is read once
 * for each poll: a second receive call for each packet, only to learn that there is none, would
 * cost as much as the first.
 *
 * <p>Thread: the event loop, but for {@link #wakeup}.
 */
final class PacedIoHandler implements IoHandler {
  /** Polls in one turn: 5 s of packets on one socket, after a stall. */
  private static final int MAX_POLLS = 256;

  private static final IoHandlerContext POLL = new PollOnly();

  private final IoHandler delegate;
  private final long intervalNs;
  private final BooleanSupplier busy;
  private volatile boolean woken;
  private volatile Thread thread = Thread.currentThread();
  private long lastTurnNs = System.nanoTime();

  private PacedIoHandler(IoHandler delegate, long intervalNs, BooleanSupplier busy) {
    this.delegate = delegate;
    this.intervalNs = intervalNs;
    this.busy = busy;
  }

  /**
   * @param busy whether there are calls; without any the loop sleeps until something happens
   */
  static IoHandlerFactory factory(IoHandlerFactory of, long intervalNs, BooleanSupplier busy) {
    return executor -> new PacedIoHandler(of.newHandler(executor), intervalNs, busy);
  }

  @Override
  public void initialize() {
    thread = Thread.currentThread();
    delegate.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    int handled = 0;
    if (intervalNs > 0 && busy.getAsBoolean()) {
      pause(context);
    } else {
      handled = delegate.run(context);
    }
    int ready;
    int polls = 0;
    do {
      ready = delegate.run(POLL);
      handled += ready;
    } while (ready > 0 && ++polls < MAX_POLLS);
    return handled;
  }

  /** Waits for the rest of the interval, unless a task comes or is due. */
  private void pause(IoHandlerContext context) {
    // As Netty's own loop does: nobody interrupts it on purpose, and a flag that a task left would
    // make every pause a spin.
    Thread.interrupted();
    woken = false;
    // A task that was added before the line above is seen here, a later one sets the flag.
    while (!woken && context.canBlock()) {
      long nowNs = System.nanoTime();
      long leftNs = Math.min(lastTurnNs + intervalNs - nowNs, context.delayNanos(nowNs));
      if (leftNs <= 0) {
        break;
      }
      LockSupport.parkNanos(this, leftNs);
    }
    lastTurnNs = System.nanoTime();
  }

  @Override
  public void wakeup() {
    woken = true;
    LockSupport.unpark(thread);
    delegate.wakeup();
  }

  @Override
  public void prepareToDestroy() {
    delegate.prepareToDestroy();
  }

  @Override
  public void destroy() {
    delegate.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return delegate.register(handle);
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> type) {
    return delegate.isCompatible(type);
  }

  /** Lets the delegate look at its sockets and never wait. */
  private static final class PollOnly implements IoHandlerContext {
    @Override
    public boolean canBlock() {
      return false;
    }

    @Override
    public long delayNanos(long nowNs) {
      return 0;
    }

    @Override
    public long deadlineNanos() {
      return System.nanoTime();
    }
  }
}
