package org.linescribe.api.http;

import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Ends responses that would never end by themselves when the application stops, before the web
 * server waits for them.
 *
 * <p>Thread: any.
 */
public final class ShutdownSignal implements SmartLifecycle {
  /** Stops before the web server, whose phases end at {@code DEFAULT_PHASE - 1024}. */
  public static final int PHASE = DEFAULT_PHASE - 512;

  private final Sinks.Empty<Void> stopped = Sinks.empty();
  private volatile boolean running;

  /** Completes when the application stops. */
  public Mono<Void> asMono() {
    return stopped.asMono();
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    stopped.tryEmitEmpty();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
