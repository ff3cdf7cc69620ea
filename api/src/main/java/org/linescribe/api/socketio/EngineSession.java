package org.linescribe.api.socketio;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.WebSocketClose;
import org.linescribe.api.WebSocketPeer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * One Engine.IO connection: begins by polling or by WebSocket, may go from the former to the latter
 * once, and ends by either side's word, by a lost WebSocket, or by silence.
 *
 * <p>Outgoing: while the client polls, packets wait in a bounded queue for its next poll; by
 * WebSocket they wait with the {@link WebSocketPeer}, bounded alike. Incoming: packets are worked
 * one after another on virtual threads, and neither the next WebSocket message nor the next polling
 * request is taken before: the client is held back by TCP.
 *
 * <p>Thread: any. The listener hears one call at a time, on virtual threads.
 *
 * <p>Source: the Engine.IO protocol, revision 4.
 */
final class EngineSession {
  private static final Logger LOG = LoggerFactory.getLogger(EngineSession.class);
  private static final int MAX_OWED_PACKETS = 1024;

  /** Hears the client. May block; what it throws unchecked closes the connection. */
  interface Listener {
    void onText(String text) throws BadPacketException, InterruptedException;

    void onBinary(byte[] bytes) throws BadPacketException, InterruptedException;

    /** Called once, last. */
    void onClosed(String reason);
  }

  /** Makes the listener of a new connection. */
  interface Opening {
    Listener opened(EngineSession session);
  }

  private final String id;
  private final Handshake handshake;
  private final EngineServer server;
  private final SocketIoMeters meters;
  private final Listener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition roomOrChanged = lock.newCondition();
  private final ReentrantLock incoming = new ReentrantLock(true);
  private final AtomicInteger working = new AtomicInteger();
  private final AtomicBoolean posting = new AtomicBoolean();
  private final ArrayDeque<String> owed = new ArrayDeque<>();
  private @Nullable String latest;
  private @Nullable MonoSink<String> poll;
  private @Nullable WebSocketPeer socket;
  private @Nullable WebSocketPeer probing;
  private @Nullable Future<?> heartbeat;
  private boolean closed;

  EngineSession(
      String id,
      Handshake handshake,
      EngineServer server,
      SocketIoMeters meters,
      Opening opening,
      @Nullable WebSocketPeer socket) {
    this.id = id;
    this.handshake = handshake;
    this.server = server;
    this.meters = meters;
    this.socket = socket;
    this.listener = opening.opened(this);
  }

  String id() {
    return id;
  }

  Handshake handshake() {
    return handshake;
  }

  boolean isOpen() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Owes the client a packet.
   *
   * @return false when the connection is closed, now or before; a client that has not read the many
   *     packets before this one is closed as too slow
   */
  boolean send(String packet) {
    WebSocketPeer to;
    Runnable answer;
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      to = socket;
      if (to == null && owed.size() < MAX_OWED_PACKETS) {
        latest = null;
        owed.add(packet);
      } else if (to == null || !to.send(packet)) {
        meters.slowReaders.increment();
        server.execute(() -> close("slow reader"));
        return false;
      }
      answer = answer();
    } finally {
      lock.unlock();
    }
    answer.run();
    return true;
  }

  /** As {@link #send}, but waits until the client has read enough. Never on an event loop. */
  boolean sendWaiting(String packet) throws InterruptedException {
    WebSocketPeer to;
    Runnable answer;
    lock.lockInterruptibly();
    try {
      while (!closed && socket == null && owed.size() >= MAX_OWED_PACKETS) {
        roomOrChanged.await();
      }
      if (closed) {
        return false;
      }
      to = socket;
      if (to == null) {
        latest = null;
        owed.add(packet);
      }
      answer = answer();
    } finally {
      lock.unlock();
    }
    answer.run();
    return to == null || to.sendWaiting(packet);
  }

  /** Sends a packet that only matters until a later one of either kind. */
  void sendLatest(String packet) {
    Runnable answer;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (socket != null) {
        socket.sendLatest(packet);
        return;
      }
      latest = packet;
      answer = answer();
    } finally {
      lock.unlock();
    }
    answer.run();
  }

  /** What answers the waiting poll; to be run without the lock. */
  private Runnable answer() {
    MonoSink<String> waiting = poll;
    String payload = waiting == null ? "" : takeOwed();
    if (waiting == null || payload.isEmpty()) {
      return () -> {};
    }
    poll = null;
    return () -> waiting.success(payload);
  }

  private String takeOwed() {
    List<String> packets = new ArrayList<>(owed);
    owed.clear();
    if (latest != null) {
      packets.add(latest);
      latest = null;
    }
    roomOrChanged.signalAll();
    return String.join(String.valueOf(EnginePacket.SEPARATOR), packets);
  }

  /** The client's GET: completes when there is something to tell it, empty when it may not poll. */
  Mono<String> poll() {
    return Mono.create(
        sink -> {
          String now;
          boolean overlap = false;
          lock.lock();
          try {
            now = socket != null && !closed ? "" : takeOwed();
            if (!closed && socket == null && now.isEmpty()) {
              overlap = poll != null;
              if (probing != null) {
                now = EnginePacket.Type.NOOP.with("");
              } else if (!overlap) {
                poll = sink;
                sink.onDispose(() -> forget(sink));
                return;
              }
            }
          } finally {
            lock.unlock();
          }
          if (overlap) {
            close("overlapping polls");
            sink.success();
          } else if (now.isEmpty()) {
            sink.success();
          } else {
            sink.success(now);
          }
        });
  }

  private void forget(MonoSink<String> gone) {
    lock.lock();
    try {
      if (poll == gone) {
        poll = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether a polling request with packets may be read; then {@link #endPost} must follow.
   *
   * @return false when another one is being read
   */
  boolean beginPost() {
    return posting.compareAndSet(false, true);
  }

  void endPost() {
    posting.set(false);
  }

  boolean isPolling() {
    lock.lock();
    try {
      return !closed && socket == null;
    } finally {
      lock.unlock();
    }
  }

  /** Works packets in order. Blocks. */
  void receive(List<EnginePacket> packets) throws BadPacketException, InterruptedException {
    working.incrementAndGet();
    try {
      incoming.lockInterruptibly();
      try {
        for (EnginePacket packet : packets) {
          if (isOpen()) {
            receive(packet);
          }
        }
      } finally {
        incoming.unlock();
      }
    } catch (RuntimeException bug) {
      LOG.error("Socket.IO connection {}: a packet failed", id, bug);
      close("failed");
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
          case PONG -> pong();
          case CLOSE -> close("client");
          case OPEN, PING, UPGRADE, NOOP ->
              throw new BadPacketException("a packet that only a server sends");
        }
      }
    }
  }

  /** What the client sent cannot be followed. */
  void refuse(BadPacketException why) {
    LOG.debug("Socket.IO connection {} is closed: {}", id, why.getMessage());
    meters.badPackets.increment();
    close("bad packet");
  }

  /** The heart begins to beat. */
  void start() {
    beatIn(server.settings().pingInterval().toMillis(), this::ping);
  }

  private void beatIn(long delayMs, Runnable beat) {
    lock.lock();
    try {
      if (heartbeat != null) {
        heartbeat.cancel(false);
      }
      if (!closed) {
        heartbeat = server.timer().schedule(beat, delayMs, TimeUnit.MILLISECONDS);
      }
    } finally {
      lock.unlock();
    }
  }

  private void ping() {
    if (send(EnginePacket.Type.PING.with(""))) {
      beatIn(server.settings().pingTimeout().toMillis(), this::silent);
    }
  }

  void pong() {
    beatIn(server.settings().pingInterval().toMillis(), this::ping);
  }

  private void silent() {
    if (working.get() > 0) {
      // What it sent before its pong is still in work, and only then is more read.
      beatIn(server.settings().pingTimeout().toMillis(), this::silent);
    } else {
      close("ping timeout");
    }
  }

  /** A WebSocket wants to take over; it is asked to prove that it works both ways. */
  boolean probe(WebSocketPeer peer) {
    lock.lock();
    try {
      if (closed || socket != null || probing != null) {
        return false;
      }
      probing = peer;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The probe came through: the poll that waits is answered, so that the client may end polling.
   */
  void probed(WebSocketPeer peer) {
    MonoSink<String> waiting;
    lock.lock();
    try {
      waiting = poll;
      poll = null;
    } finally {
      lock.unlock();
    }
    peer.send(EnginePacket.Type.PONG.with("probe"));
    if (waiting != null) {
      waiting.success(EnginePacket.Type.NOOP.with(""));
    }
  }

  /** The client has ended polling: what waited for a poll goes first. */
  boolean upgrade(WebSocketPeer peer) {
    MonoSink<String> waiting;
    lock.lock();
    try {
      if (closed || probing != peer) {
        return false;
      }
      probing = null;
      waiting = poll;
      poll = null;
      owed.forEach(peer::send);
      owed.clear();
      if (latest != null) {
        peer.sendLatest(latest);
        latest = null;
      }
      socket = peer;
      roomOrChanged.signalAll();
    } finally {
      lock.unlock();
    }
    if (waiting != null) {
      waiting.success(EnginePacket.Type.NOOP.with(""));
    }
    meters.upgrades.increment();
    return true;
  }

  /** A WebSocket is gone: the connection's end if it carried it, else the end of an upgrade. */
  void gone(WebSocketPeer peer) {
    boolean carried;
    lock.lock();
    try {
      if (probing == peer) {
        probing = null;
      }
      carried = socket == peer;
    } finally {
      lock.unlock();
    }
    if (carried) {
      close("transport closed");
    }
  }

  /**
   * Ends the connection; the client is told. Idempotent.
   *
   * @param reason one of few words, for metrics and the recording
   */
  void close(String reason) {
    WebSocketPeer carrier;
    WebSocketPeer candidate;
    Runnable answer;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      carrier = socket;
      candidate = probing;
      if (heartbeat != null) {
        heartbeat.cancel(false);
      }
      if (carrier == null) {
        owed.add(EnginePacket.Type.CLOSE.with(""));
      }
      answer = answer();
      roomOrChanged.signalAll();
    } finally {
      lock.unlock();
    }
    answer.run();
    if (carrier != null) {
      carrier.send(EnginePacket.Type.CLOSE.with(""));
      carrier.close(
          reason.equals("slow reader")
              ? WebSocketClose.badRequest("the client does not read what it is sent")
              : new WebSocketClose(1000, reason));
    }
    if (candidate != null) {
      candidate.close(new WebSocketClose(1000, reason));
    }
    meters.closed(reason);
    server.closing(this);
    server.execute(() -> ended(reason));
  }

  private void ended(String reason) {
    incoming.lock();
    try {
      listener.onClosed(reason);
    } catch (RuntimeException bug) {
      LOG.error("Socket.IO connection {}: its end failed", id, bug);
    } finally {
      incoming.unlock();
      server.closed(this);
    }
  }
}
