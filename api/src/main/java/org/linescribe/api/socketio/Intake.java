package org.linescribe.api.socketio;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client sends, worked one packet after another, whichever way it came.
 *
 * <p>Thread: any. {@link #receive} and {@link #last} block.
 */
final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

  private final EngineSession session;
  private final EngineSession.Listener listener;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final AtomicInteger working = new AtomicInteger();
  private final AtomicBoolean posting = new AtomicBoolean();

  Intake(EngineSession session, EngineSession.Listener listener) {
    this.session = session;
    this.listener = listener;
  }

  /**
   * Whether a polling request with packets may be read; then {@link #endPost} must follow.
   *
   * @return false when another one is being read or worked
   */
  boolean beginPost() {
    return posting.compareAndSet(false, true);
  }

  void endPost() {
    posting.set(false);
  }

  /** Whether a polling request with packets is being read or worked. */
  boolean isPosting() {
    return posting.get();
  }

  boolean isWorking() {
    return working.get() > 0;
  }

  /** Works packets in order. */
  void receive(List<EnginePacket> packets) throws BadPacketException, InterruptedException {
    working.incrementAndGet();
    try {
      turn.lockInterruptibly();
      try {
        for (EnginePacket packet : packets) {
          if (session.isOpen()) {
            receive(packet);
          }
        }
      } finally {
        turn.unlock();
      }
    } catch (RuntimeException bug) {
      LOG.error("Socket.IO connection {}: a packet failed", session.id(), bug);
      session.close("failed");
    } finally {
      working.decrementAndGet();
    }
  }

  private void receive(EnginePacket packet) throws BadPacketException, InterruptedException {
    switch (packet) {
      case EnginePacket.Binary(byte[] data) -> listener.onBinary(data);
      case EnginePacket.Text(EnginePacket.Type type, String data) -> {
        switch (type) {
          case MESSAGE -> listener.onText(data);
          case PONG -> session.pong();
          case CLOSE -> session.close("client");
          case OPEN, PING, UPGRADE, NOOP ->
              throw new BadPacketException("a packet that only a server sends");
        }
      }
    }
  }

  /** The connection has ended: tells the listener, after what is still in work. */
  void last(String reason) {
    turn.lock();
    try {
      listener.onClosed(reason);
    } catch (RuntimeException bug) {
      LOG.error("Socket.IO connection {}: its end failed", session.id(), bug);
    } finally {
      turn.unlock();
    }
  }
}
