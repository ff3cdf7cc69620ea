package org.linescribe.app;

import java.io.IOException;
import java.time.Duration;
import org.linescribe.gateway.audiosocket.AudioSocketServer;
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
  private final AudioSocketServer audioSocket;
  private final Sessions sessions;
  private final Duration wait;
  private final Duration drain;
  private volatile boolean running;

  /**
   * @param wait how long running calls may go on
   * @param drain how long their ends may take
   */
  GatewayLife(
      SipGateway sip,
      AudioSocketServer audioSocket,
      Sessions sessions,
      Duration wait,
      Duration drain) {
    this.wait = wait;
    this.sip = sip;
    this.audioSocket = audioSocket;
    this.sessions = sessions;
    this.drain = drain;
  }

  @Override
  public void start() {
    try {
      sip.start();
      audioSocket.start();
    } catch (SipBindException | IOException e) {
      throw new StartException(e.getMessage(), e);
    }
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    letCallsEnd();
    int open = sessions.openSources();
    if (open > 0) {
      LOG.info(
          "stopping: {} open sources are flushed first, at most {} s", open, drain.toSeconds());
    }
    // Both at once: sources of the APIs must be refused as soon as calls are.
    Thread others = Thread.ofVirtual().start(this::drainSessions);
    try {
      sip.drain(drain);
      others.join(drain);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    audioSocket.close();
    sip.stop();
  }

  private void letCallsEnd() {
    if (wait.isZero()) {
      return;
    }
    sessions.refuseNew();
    LOG.info("stopping: running calls may go on for {} s", wait.toSeconds());
    try {
      sip.refuseNew(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
