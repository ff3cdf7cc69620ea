package org.linescribe.app;

import java.time.Duration;
import org.linescribe.gateway.call.SipGateway;
import org.linescribe.gateway.sip.SipBindException;
import org.linescribe.session.Sessions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Starts the line after the web server, and at the end lets everyone finish: new calls and sources
 * are refused, open utterances become stored finals, peers hear a BYE or 1001; then the sockets
 * close.
 */
final class GatewayLife implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayLife.class);

  private final SipGateway sip;
  private final Sessions sessions;
  private final Duration drain;
  private volatile boolean running;

  GatewayLife(SipGateway sip, Sessions sessions, Duration drain) {
    this.sip = sip;
    this.sessions = sessions;
    this.drain = drain;
  }

  @Override
  public void start() {
    try {
      sip.start();
    } catch (SipBindException e) {
      throw new StartException(e.getMessage(), e);
    }
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    int open = sessions.openSources();
    if (open > 0) {
      LOG.info(
          "stopping: {} open sources are flushed first, at most {} s", open, drain.toSeconds());
    }
    // Both at once: sources of the other doors must be refused as soon as calls are.
    Thread others = Thread.ofVirtual().start(this::drainSessions);
    try {
      sip.drain(drain);
      others.join(drain);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sip.stop();
  }

  private void drainSessions() {
    try {
      sessions.drain(drain);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Last to start and first to stop: the web server still serves readers while calls drain. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE;
  }
}
