package org.linescribe.api.socketio.protocol;

import java.util.ArrayDeque;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.websocket.WebSocketPeer;

/**
 * The way to a client: its polls, for which packets wait in a bounded queue, then maybe its
 * WebSocket, which takes over once and has a bounded queue of its own.
 *
 * <p>A WebSocket that wants to take over is a candidate. Only when it has shown that it works both
 * ways is the client made to end its polling: one behind a proxy that lets nothing through costs
 * the client nothing.
 *
 * <p>Thread: any; the monitor guards the state. Polls are answered on the executor's threads.
 *
 * <p>Source: the Engine.IO protocol, revision 4, "Upgrade".
 */
final class EngineTransport {
  /** What became of a packet. */
  enum Sent {
    QUEUED,
    /** The client has not read the many packets before this one. */
    FULL,
    CLOSED
  }

  /** What became of an upgrade. */
  enum Upgrade {
    DONE,
    /** The WebSocket took only some of what waited for a poll. */
    FULL,
    /** Not this WebSocket's, or not any more. */
    REFUSED
  }

  /** The WebSockets to close when the transport has closed. */
  record Closing(@Nullable WebSocketPeer carrier, @Nullable WebSocketPeer candidate) {}

  private static final int MAX_WAITING_PACKETS = 1024;

  /** python-engineio, and with it python-socketio, drops a connection over a longer payload. */
  private static final int MAX_PACKETS_PER_PAYLOAD = 16;

  private static final String NOOP = EnginePacket.Type.NOOP.with("");

  private final Executor executor;
  private final ArrayDeque<String> waiting = new ArrayDeque<>();
  private @Nullable String latest;
  private @Nullable CompletableFuture<String> poll;
  private @Nullable WebSocketPeer socket;
  private @Nullable WebSocketPeer candidate;
  private boolean probed;
  private boolean closed;
  private int blockedSenders;
  private long blocked;

  /**
   * @param socket null for a client that begins by polling
   */
  EngineTransport(@Nullable WebSocketPeer socket, Executor executor) {
    this.socket = socket;
    this.executor = executor;
  }

  synchronized boolean isOpen() {
    return !closed;
  }

  synchronized boolean isPolling() {
    return !closed && socket == null;
  }

  synchronized boolean isCarrier(WebSocketPeer peer) {
    return socket == peer;
  }

  /** How often a sender has had to wait for the client to read. */
  synchronized long blocked() {
    return blocked;
  }

  /** Whether a sender waits for the client to read. */
  synchronized boolean isBlocked() {
    return blockedSenders > 0;
  }

  synchronized Sent send(String packet) {
    if (closed) {
      return Sent.CLOSED;
    }
    if (socket != null) {
      return socket.send(packet) ? Sent.QUEUED : Sent.FULL;
    }
    if (isFull()) {
      return Sent.FULL;
    }
    add(packet);
    return Sent.QUEUED;
  }

  /**
   * As {@link #send}, but waits until the client has read enough. Never on an event loop.
   *
   * @return false when the transport is closed
   */
  boolean sendWaiting(String packet) throws InterruptedException {
    WebSocketPeer to;
    synchronized (this) {
      if (socket == null && isFull()) {
        beginBlocked();
        try {
          while (!closed && socket == null && isFull()) {
            wait();
          }
        } finally {
          blockedSenders--;
        }
      }
      if (closed) {
        return false;
      }
      to = socket;
      if (to == null) {
        add(packet);
        return true;
      }
      if (to.send(packet)) {
        return true;
      }
      beginBlocked();
    }
    try {
      return to.sendWaiting(packet);
    } finally {
      synchronized (this) {
        blockedSenders--;
      }
    }
  }

  private void beginBlocked() {
    blocked++;
    blockedSenders++;
  }

  /** Sends a packet that only matters until a later one of either kind. */
  synchronized void sendLatest(String packet) {
    if (closed) {
      return;
    }
    if (socket != null) {
      socket.sendLatest(packet);
    } else {
      latest = packet;
      answerPoll();
    }
  }

  private boolean isFull() {
    return waiting.size() >= MAX_WAITING_PACKETS;
  }

  private void add(String packet) {
    latest = null;
    waiting.add(packet);
    answerPoll();
  }

  private boolean isEmpty() {
    return waiting.isEmpty() && latest == null;
  }

  private void answerPoll() {
    if (isPollWaiting() && !isEmpty()) {
      answerPoll(payload());
    }
  }

  private void answerPoll(String payload) {
    if (poll != null) {
      poll.completeAsync(() -> payload, executor);
      poll = null;
    }
  }

  /** A client that has hung up waits no more: its future was cancelled. */
  private boolean isPollWaiting() {
    return poll != null && !poll.isDone();
  }

  private String payload() {
    StringJoiner payload = new StringJoiner(String.valueOf(EnginePacket.SEPARATOR));
    int space = MAX_PACKETS_PER_PAYLOAD;
    for (; space > 0 && !waiting.isEmpty(); space--) {
      payload.add(waiting.remove());
    }
    if (space > 0 && latest != null) {
      payload.add(latest);
      latest = null;
    }
    notifyAll();
    return payload.toString();
  }

  /**
   * The client's GET.
   *
   * @return completes when there is something to tell the client; null where it may not poll: a
   *     WebSocket carries the connection, another GET waits, or the last packet was read
   */
  synchronized @Nullable CompletableFuture<String> poll() {
    if (socket != null && !closed || isPollWaiting()) {
      return null;
    }
    if (!isEmpty()) {
      return CompletableFuture.completedFuture(payload());
    }
    if (closed) {
      return null;
    }
    if (probed) {
      return CompletableFuture.completedFuture(NOOP);
    }
    poll = new CompletableFuture<>();
    return poll;
  }

  /**
   * A WebSocket wants to take over.
   *
   * @return false when there is nothing to take over, or another candidate is at it
   */
  synchronized boolean begin(WebSocketPeer peer) {
    if (closed || socket != null || candidate != null) {
      return false;
    }
    candidate = peer;
    return true;
  }

  /**
   * The candidate's probe came through, and goes back: a poll is answered from now on, so that the
   * client can end polling.
   */
  synchronized void probed(WebSocketPeer peer) {
    if (candidate == peer) {
      probed = true;
      peer.send(EnginePacket.Type.PONG.with("probe"));
      answerPoll(NOOP);
    }
  }

  /** The client has ended polling: what waited for a poll goes first. */
  synchronized Upgrade upgrade(WebSocketPeer peer) {
    if (closed || !abandon(peer)) {
      return Upgrade.REFUSED;
    }
    answerPoll(NOOP);
    while (!waiting.isEmpty() && peer.send(waiting.peek())) {
      waiting.remove();
    }
    if (waiting.isEmpty() && latest != null) {
      peer.sendLatest(latest);
    }
    latest = null;
    socket = peer;
    notifyAll();
    // A socket queues as many as a poll does, but for its own packets before these.
    return waiting.isEmpty() ? Upgrade.DONE : Upgrade.FULL;
  }

  /**
   * Stops waiting for the candidate's upgrade.
   *
   * @return false when the WebSocket is no candidate, or none any more
   */
  synchronized boolean abandon(WebSocketPeer peer) {
    if (candidate != peer) {
      return false;
    }
    candidate = null;
    probed = false;
    return true;
  }

  /**
   * Closes; a client that polls is told by its next answers.
   *
   * @return null when it was closed before
   */
  synchronized @Nullable Closing close() {
    if (closed) {
      return null;
    }
    closed = true;
    if (socket == null) {
      add(EnginePacket.Type.CLOSE.with(""));
    }
    notifyAll();
    return new Closing(socket, candidate);
  }
}
