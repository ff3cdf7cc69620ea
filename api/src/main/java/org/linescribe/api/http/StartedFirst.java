package org.linescribe.api.http;

import org.springframework.context.SmartLifecycle;

/** What is done once, when all parts are there and before the web server takes connections. */
public final class StartedFirst implements SmartLifecycle {
  /** Spring Boot starts the web server 2048 phases before the last. */
  private static final int BEFORE_THE_WEB_SERVER = DEFAULT_PHASE - 4096;

  private final int order;
  private final Runnable work;
  private volatile boolean running;

  /**
   * @param order 0 to 1000; what has a lower one is done before
   */
  public StartedFirst(int order, Runnable work) {
    this.order = order;
    this.work = work;
  }

  @Override
  public void start() {
    work.run();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return BEFORE_THE_WEB_SERVER + order;
  }
}
