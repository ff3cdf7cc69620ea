package org.linescribe.api.socketio;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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
  private final Intake intake;
  private final Heartbeat heartbeat;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition roomOrChanged = lock.newCondition();
  private final PollQueue polling = new PollQueue();
  private final AtomicInteger waitingForRoom = new AtomicInteger();
  private final AtomicLong waits = new AtomicLong();
  private @Nullable WebSocketPeer socket;
  private @Nullable WebSocketPeer probing;
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
    this.intake = new Intake(this, opening.opened(this));
    this.heartbeat =
        new Heartbeat(
            new Heart(),
            server.timer(),
            server.settings().pingInterval(),
            server.settings().pingTimeout());
  }

  /** What the heartbeat asks and tells. */
  private final class Heart implements Heartbeat.Client {
    private long waitsAtLastBeat;

    @Override
    public boolean ping() {
      return send(EnginePacket.Type.PING.with(""));
    }

    /** A worker that waits for the same room for all of a timeout waits for a deaf client. */
    @Override
    public boolean isMovingOn() {
      long now = waits.get();
      boolean stuck = isHeldBack() && now == waitsAtLastBeat;
      waitsAtLastBeat = now;
      return intake.isWorking() && !stuck;
    }

    @Override
    public void isSilent() {
      close("ping timeout");
    }
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
      if (to == null && !polling.isFull()) {
        polling.add(packet);
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
    waits.incrementAndGet();
    waitingForRoom.incrementAndGet();
    try {
      return takeWaiting(packet);
    } finally {
      waitingForRoom.decrementAndGet();
    }
  }

  /** Whether a worker waits until the client has read more. */
  boolean isHeldBack() {
    return waitingForRoom.get() > 0;
  }

  /** Whether a worker waits for room among what waits for a poll. */
  boolean isWaitingForPoll() {
    lock.lock();
    try {
      return lock.hasWaiters(roomOrChanged);
    } finally {
      lock.unlock();
    }
  }

  boolean isUpgrading() {
    lock.lock();
    try {
      return probing != null;
    } finally {
      lock.unlock();
    }
  }

  private boolean takeWaiting(String packet) throws InterruptedException {
    WebSocketPeer to;
    Runnable answer;
    lock.lockInterruptibly();
    try {
      while (!closed && socket == null && polling.isFull()) {
        roomOrChanged.await();
      }
      if (closed) {
        return false;
      }
      to = socket;
      if (to == null) {
        polling.add(packet);
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
      polling.addLatest(packet);
      answer = answer();
    } finally {
      lock.unlock();
    }
    answer.run();
  }

  /** What answers the waiting poll; to be run without the lock. */
  private Runnable answer() {
    Runnable answer = polling.answer();
    roomOrChanged.signalAll();
    return answer;
  }

  /** The client's GET: completes when there is something to tell it, empty when it may not poll. */
  Mono<String> poll() {
    return Mono.create(
        sink -> {
          String now;
          boolean overlap = false;
          lock.lock();
          try {
            now = socket != null && !closed ? "" : polling.take();
            roomOrChanged.signalAll();
            if (!closed && socket == null && now.isEmpty()) {
              overlap = polling.hasPoll();
              if (probing != null) {
                now = EnginePacket.Type.NOOP.with("");
              } else if (!overlap) {
                polling.await(sink);
                sink.onDispose(() -> forget(sink));
                return;
              }
            }
          } finally {
            lock.unlock();
          }
          if (overlap) {
            close("overlapping polls");
          }
          if (now.isEmpty()) {
            sink.success();
          } else {
            sink.success(now);
          }
        });
  }

  private void forget(MonoSink<String> gone) {
    lock.lock();
    try {
      polling.forget(gone);
    } finally {
      lock.unlock();
    }
  }

  /** Where what the client sends is worked. */
  Intake intake() {
    return intake;
  }

  boolean isPolling() {
    lock.lock();
    try {
      return !closed && socket == null;
    } finally {
      lock.unlock();
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
    heartbeat.rest();
  }

  void pong() {
    heartbeat.rest();
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
    Runnable answer;
    lock.lock();
    try {
      answer = polling.answer(EnginePacket.Type.NOOP.with(""));
    } finally {
      lock.unlock();
    }
    peer.send(EnginePacket.Type.PONG.with("probe"));
    answer.run();
  }

  /** The client has ended polling: what waited for a poll goes first. */
  boolean upgrade(WebSocketPeer peer) {
    Runnable answer;
    boolean whole;
    lock.lock();
    try {
      if (closed || probing != peer) {
        return false;
      }
      probing = null;
      answer = polling.answer(EnginePacket.Type.NOOP.with(""));
      whole = polling.moveTo(peer::send, peer::sendLatest);
      socket = peer;
      roomOrChanged.signalAll();
    } finally {
      lock.unlock();
    }
    answer.run();
    meters.upgrades.increment();
    if (!whole) {
      // A socket takes as many as a poll's queue, but for what it owes of its own.
      meters.slowReaders.increment();
      close("slow reader");
    }
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
      if (carrier == null) {
        polling.add(EnginePacket.Type.CLOSE.with(""));
      }
      answer = answer();
      roomOrChanged.signalAll();
    } finally {
      lock.unlock();
    }
    heartbeat.stop();
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
    server.execute(
        () -> {
          intake.last(reason);
          ended.complete(null);
        });
  }

  /** Completes when the connection has ended and its recording is saved. */
  CompletableFuture<Void> ended() {
    return ended;
  }
}
