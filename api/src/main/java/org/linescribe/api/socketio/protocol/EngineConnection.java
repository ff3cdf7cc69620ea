package org.linescribe.api.socketio.protocol;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Engine.IO connection: begins by polling or by WebSocket, may go from the former to the latter
 * once, and ends by either side's word, by a lost WebSocket, or by silence.
 *
 * <p>Outgoing packets go by its {@link EngineTransport}. Incoming ones are handled one after
 * another on virtual threads, and neither the next WebSocket message nor the next polling request
 * is read before: TCP holds the client back.
 *
 * <p>The client is pinged, and given up when it does not answer. While what it sent is still being
 * handled its pong may lie behind that, unread: then it has time for as long as the handling
 * progresses.
 *
 * <p>Thread: any. The listener gets one call at a time, on virtual threads.
 *
 * <p>Source: the Engine.IO protocol, revision 4.
 */
final class EngineConnection {
  private static final Logger LOG = LoggerFactory.getLogger(EngineConnection.class);

  /** From a candidate's arrival to its upgrade; as Engine.IO's own servers have it. */
  private static final Duration UPGRADE_WITHIN = Duration.ofSeconds(10);

  private static final String SLOW_READER = "slow reader";

  /** Receives the client's messages. May block; what it throws unchecked closes the connection. */
  interface Listener {
    void onText(String text) throws BadPacketException, InterruptedException;

    void onBinary(byte[] bytes) throws BadPacketException, InterruptedException;

    /** Called once, last. */
    void onClosed();
  }

  private final String id;
  private final Handshake handshake;
  private final EngineServer server;
  private final EngineTransport transport;
  private final Listener listener;
  private final ReentrantLock order = new ReentrantLock(true);
  private final AtomicInteger handling = new AtomicInteger();
  private final AtomicBoolean posting = new AtomicBoolean();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private @Nullable Future<?> beat;
  private long blockedAtLastBeat;

  EngineConnection(
      String id, Handshake handshake, EngineServer server, @Nullable WebSocketPeer socket) {
    this.id = id;
    this.handshake = handshake;
    this.server = server;
    this.transport = new EngineTransport(socket, server::execute);
    this.listener = new SocketIoClient(this, server);
  }

  String id() {
    return id;
  }

  Handshake handshake() {
    return handshake;
  }

  EngineTransport transport() {
    return transport;
  }

  /** Completes when the connection has ended and its listener was told. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  /**
   * Sends a packet.
   *
   * @return false when the connection is closed, now or before; a client that has not read the many
   *     packets before this one is closed as too slow
   */
  boolean send(String packet) {
    return switch (transport.send(packet)) {
      case QUEUED -> true;
      case CLOSED -> false;
      case FULL -> {
        // Elsewhere: the caller may be the pipeline's thread.
        server.execute(() -> close(SLOW_READER));
        yield false;
      }
    };
  }

  /** The client's GET, or null where it may not poll. */
  @Nullable CompletableFuture<String> poll() {
    CompletableFuture<String> answer = transport.poll();
    if (answer == null && transport.isPolling()) {
      close("overlapping polls");
    }
    return answer;
  }

  /**
   * A POST with packets may be read; then {@link #endPost} must follow.
   *
   * @return false when another one is being read or handled
   */
  boolean beginPost() {
    return posting.compareAndSet(false, true);
  }

  void endPost() {
    posting.set(false);
  }

  /** Handles packets in order. */
  void receive(List<EnginePacket> packets) throws BadPacketException, InterruptedException {
    handling.incrementAndGet();
    try {
      order.lockInterruptibly();
      try {
        for (EnginePacket packet : packets) {
          if (transport.isOpen()) {
            receive(packet);
          }
        }
      } finally {
        order.unlock();
      }
    } catch (RuntimeException bug) {
      LOG.error("Socket.IO connection {}: a packet failed", id, bug);
      close("failed");
    } finally {
      handling.decrementAndGet();
    }
  }

  private void receive(EnginePacket packet) throws BadPacketException, InterruptedException {
    switch (packet) {
      case EnginePacket.Binary(byte[] data) -> listener.onBinary(data);
      case EnginePacket.Text(EnginePacket.Type type, String data) -> {
        switch (type) {
          case MESSAGE -> listener.onText(data);
          case PONG -> pong();
          case CLOSE -> close("client");
          case OPEN, PING, UPGRADE, NOOP ->
              throw new BadPacketException("a packet that only a server sends");
        }
      }
    }
  }

  /** What the client sent is not of the protocol. */
  void refuse(BadPacketException why) {
    LOG.debug("Socket.IO connection {} is closed: {}", id, why.getMessage());
    server.meters().badPackets.increment();
    close("bad packet");
  }

  /** The next ping is due an interval from now: the connection is new, or a pong has come. */
  void pong() {
    schedule(this::ping, server.settings().pingInterval());
  }

  private void ping() {
    if (send(EnginePacket.Type.PING.with(""))) {
      schedule(this::silent, server.settings().pingTimeout());
    }
  }

  private void silent() {
    if (isProgressing()) {
      schedule(this::silent, server.settings().pingTimeout());
    } else {
      close("ping timeout");
    }
  }

  /** A handler that has been blocked for all of a timeout waits for a client that does not read. */
  private boolean isProgressing() {
    long blocked = transport.blocked();
    boolean stuck = transport.isBlocked() && blocked == blockedAtLastBeat;
    blockedAtLastBeat = blocked;
    return isHandling() && !stuck;
  }

  /** Whether a packet is being handled. */
  boolean isHandling() {
    return handling.get() > 0;
  }

  private synchronized void schedule(Runnable task, Duration delay) {
    cancelBeat();
    if (transport.isOpen()) {
      beat = server.timer().later(task, delay);
    }
  }

  private synchronized void cancelBeat() {
    if (beat != null) {
      beat.cancel(false);
    }
  }

  /**
   * A WebSocket wants to take over, and has a bounded time for it.
   *
   * @return false when there is nothing to take over, or another is at it
   */
  boolean beginUpgrade(WebSocketPeer peer) {
    boolean begun = transport.begin(peer);
    if (begun) {
      server
          .timer()
          .later(
              () -> {
                if (transport.abandon(peer)) {
                  peer.close(WebSocketClose.badRequest("no upgrade in time"));
                }
              },
              UPGRADE_WITHIN);
    }
    return begun;
  }

  /**
   * The client has ended polling.
   *
   * @return false when the WebSocket is no candidate, or none any more
   */
  boolean upgrade(WebSocketPeer peer) {
    EngineTransport.Upgrade upgrade = transport.upgrade(peer);
    if (upgrade == EngineTransport.Upgrade.REFUSED) {
      return false;
    }
    server.meters().upgrades.increment();
    if (upgrade == EngineTransport.Upgrade.FULL) {
      close(SLOW_READER);
    }
    return true;
  }

  /** A WebSocket is gone: the connection's end if it carried it, else the end of an upgrade. */
  void gone(WebSocketPeer peer) {
    if (!transport.abandon(peer) && transport.isCarrier(peer)) {
      close("transport closed");
    }
  }

  /**
   * Ends the connection; the client is told. Idempotent.
   *
   * @param reason one of few words, for metrics and the close frame
   */
  void close(String reason) {
    EngineTransport.Closing closing = transport.close();
    if (closing == null) {
      return;
    }
    cancelBeat();
    boolean slow = reason.equals(SLOW_READER);
    if (slow) {
      server.meters().slowReaders.increment();
    }
    if (closing.carrier() != null) {
      closing.carrier().send(EnginePacket.Type.CLOSE.with(""));
      closing
          .carrier()
          .close(
              slow
                  ? WebSocketClose.badRequest("the client does not read what it is sent")
                  : new WebSocketClose(1000, reason));
    }
    if (closing.candidate() != null) {
      closing.candidate().close(new WebSocketClose(1000, reason));
    }
    server.meters().closed(reason);
    server.closing(this);
    server.execute(this::tellListener);
  }

  /** After what is still being handled. */
  private void tellListener() {
    order.lock();
    try {
      listener.onClosed();
    } catch (RuntimeException bug) {
      LOG.error("Socket.IO connection {}: its end failed", id, bug);
    } finally {
      order.unlock();
      ended.complete(null);
    }
  }
}
