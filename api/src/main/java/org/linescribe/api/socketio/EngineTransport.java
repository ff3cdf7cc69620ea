package org.linescribe.api.socketio;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.WebSocketPeer;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The way to a client: its polls, for which packets wait in a bounded queue, then maybe its
 * WebSocket, which takes over once and with which they wait, bounded alike.
 *
 * <p>A WebSocket that wants to take over is a candidate. Only when it has shown that it works both
 * ways is the client made to end its polling: one behind a proxy that lets nothing through costs
 * the client nothing.
 *
 * <p>Thread: any. What tells others runs without the lock.
 *
 * <p>Source: the Engine.IO protocol, revision 4, "Upgrade".
 */
final class EngineTransport {
  /** What became of a packet. */
  enum Sent {
    TAKEN,
    /** The client has not read the many packets before this one. */
    NO_ROOM,
    /** There is no way to the client any more. */
    CLOSED
  }

  /** What became of an upgrade. */
  enum Upgrade {
    DONE,
    /** The WebSocket took only some of what waited for a poll. */
    NO_ROOM,
    /** Not this WebSocket's, or not any more. */
    REFUSED
  }

  /** Who is to be told that the way has ended. */
  record Ending(@Nullable WebSocketPeer carrier, @Nullable WebSocketPeer candidate) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition roomOrChanged = lock.newCondition();
  private final PollQueue polling = new PollQueue();
  private final AtomicInteger waitingForRoom = new AtomicInteger();
  private final AtomicLong waits = new AtomicLong();
  private @Nullable WebSocketPeer socket;
  private @Nullable WebSocketPeer candidate;
  private boolean probed;
  private boolean closed;

  /**
   * @param socket null for a client that begins by polling
   */
  EngineTransport(@Nullable WebSocketPeer socket) {
    this.socket = socket;
  }

  boolean isOpen() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  boolean isPolling() {
    lock.lock();
    try {
      return !closed && socket == null;
    } finally {
      lock.unlock();
    }
  }

  boolean isUpgrading() {
    lock.lock();
    try {
      return candidate != null;
    } finally {
      lock.unlock();
    }
  }

  /** How often a sender has begun to wait for room. */
  long waits() {
    return waits.get();
  }

  /** Whether a sender may be waiting for room now. */
  boolean isHeldBack() {
    return waitingForRoom.get() > 0;
  }

  /** Whether a sender waits until a poll makes room. */
  boolean isWaitingForPoll() {
    lock.lock();
    try {
      return lock.hasWaiters(roomOrChanged);
    } finally {
      lock.unlock();
    }
  }

  /** Owes the client a packet. */
  Sent send(String packet) {
    Runnable answer;
    lock.lock();
    try {
      if (closed) {
        return Sent.CLOSED;
      }
      WebSocketPeer to = socket;
      if (to == null && !polling.isFull()) {
        polling.add(packet);
      } else if (to == null || !to.send(packet)) {
        return Sent.NO_ROOM;
      }
      answer = answer();
    } finally {
      lock.unlock();
    }
    answer.run();
    return Sent.TAKEN;
  }

  /**
   * As {@link #send}, but waits until the client has read enough. Never on an event loop.
   *
   * @return false when there is no way to the client any more
   */
  boolean sendWaiting(String packet) throws InterruptedException {
    waits.incrementAndGet();
    waitingForRoom.incrementAndGet();
    try {
      return takeWaiting(packet);
    } finally {
      waitingForRoom.decrementAndGet();
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

  /**
   * The client's GET: completes when there is something to tell it, empty when it may not poll.
   *
   * @param overlapping run when another GET waits already
   */
  Mono<String> poll(Runnable overlapping) {
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
              if (probed) {
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
            overlapping.run();
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

  /**
   * A WebSocket wants to take over.
   *
   * @return false when there is nothing to take over, or another is at it
   */
  boolean begin(WebSocketPeer peer) {
    lock.lock();
    try {
      if (closed || socket != null || candidate != null) {
        return false;
      }
      candidate = peer;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The candidate's probe came through, and goes back: a poll is answered from now on, so that the
   * client can end polling.
   */
  void probed(WebSocketPeer peer) {
    Runnable answer;
    lock.lock();
    try {
      if (candidate != peer) {
        return;
      }
      probed = true;
      answer = polling.answer(EnginePacket.Type.NOOP.with(""));
    } finally {
      lock.unlock();
    }
    peer.send(EnginePacket.Type.PONG.with("probe"));
    answer.run();
  }

  /** The client has ended polling: what waited for a poll goes first. */
  Upgrade upgrade(WebSocketPeer peer) {
    Runnable answer;
    boolean whole;
    lock.lock();
    try {
      if (closed || candidate != peer) {
        return Upgrade.REFUSED;
      }
      noCandidate();
      answer = polling.answer(EnginePacket.Type.NOOP.with(""));
      whole = polling.moveTo(peer::send, peer::sendLatest);
      socket = peer;
      roomOrChanged.signalAll();
    } finally {
      lock.unlock();
    }
    answer.run();
    // A socket takes as many as a poll's queue, but for what it owes of its own.
    return whole ? Upgrade.DONE : Upgrade.NO_ROOM;
  }

  private void noCandidate() {
    candidate = null;
    probed = false;
  }

  /**
   * Lets no longer wait for a candidate.
   *
   * @return false when it is none, or none any more
   */
  boolean abandon(WebSocketPeer peer) {
    lock.lock();
    try {
      boolean waited = candidate == peer;
      if (waited) {
        noCandidate();
      }
      return waited;
    } finally {
      lock.unlock();
    }
  }

  boolean isCarrier(WebSocketPeer peer) {
    lock.lock();
    try {
      return socket == peer;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the way; a client that polls is told by its next answer.
   *
   * @return null when it had ended before
   */
  @Nullable Ending close() {
    Ending ending;
    Runnable answer;
    lock.lock();
    try {
      if (closed) {
        return null;
      }
      closed = true;
      ending = new Ending(socket, candidate);
      if (socket == null) {
        polling.add(EnginePacket.Type.CLOSE.with(""));
      }
      answer = answer();
      roomOrChanged.signalAll();
    } finally {
      lock.unlock();
    }
    answer.run();
    return ending;
  }
}
