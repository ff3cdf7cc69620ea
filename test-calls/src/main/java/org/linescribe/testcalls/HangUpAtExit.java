package org.linescribe.testcalls;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * At Ctrl-C or SIGTERM interrupts the thread that made it and lets the JVM live on until that
 * thread has hung up: otherwise the peer keeps the calls open until its RTP time-out.
 *
 * <p>Thread: made and closed by the thread that places the calls.
 */
public final class HangUpAtExit implements AutoCloseable {
  private static final int HANG_UP_S = 8;

  private final CountDownLatch hungUp = new CountDownLatch(1);
  private final Thread hook;

  public HangUpAtExit() {
    Thread placing = Thread.currentThread();
    hook =
        new Thread(
            () -> {
              placing.interrupt();
              try {
                hungUp.await(HANG_UP_S, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "hang-up");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The calls are hung up, and what is to be said is said: the JVM may end. */
  @Override
  public void close() {
    hungUp.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is exiting.
    }
  }
}
