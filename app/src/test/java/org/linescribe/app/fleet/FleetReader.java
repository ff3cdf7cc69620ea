package org.linescribe.app.fleet;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Reads a session at one node after the other: whenever its connection ends it goes on at the next
 * node, at the number that it needs. Thread: a virtual thread of its own connects; accessors any.
 */
final class FleetReader implements AutoCloseable {
  private static final long PAUSE_MS = 200;
  private static final int NORMAL = 1000;

  private final Fleet fleet;
  private final String sessionId;
  private final Seen seen;
  private final boolean untilEnd;
  private final Thread thread;
  private final List<Seen.Final> finals = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private int node;
  private long asked;
  private boolean ended;
  private int reconnects;
  private NodeSocket socket;
  private volatile boolean closing;

  /**
   * @param node to begin at
   * @param untilEnd whether it has read enough at the first end: of a session with one source
   */
  FleetReader(Fleet fleet, String sessionId, int node, Seen seen, boolean untilEnd) {
    this.untilEnd = untilEnd;
    this.fleet = fleet;
    this.sessionId = sessionId;
    this.node = Math.floorMod(node, fleet.size());
    this.seen = seen;
    this.thread = Thread.ofVirtual().name("reader-" + sessionId).start(this::run);
  }

  private void run() {
    boolean first = true;
    try {
      while (!closing) {
        try (NodeSocket open = connect()) {
          if (!first) {
            synchronized (this) {
              reconnects++;
            }
          }
          first = false;
          int code = open.awaitClose();
          if (untilEnd && code == NORMAL && isEnded()) {
            return;
          }
          synchronized (this) {
            // After an end it may be the session's next source that comes: the same node is asked.
            if (code != NORMAL) {
              node = (node + 1) % fleet.size();
            }
          }
        } catch (IOException refused) {
          synchronized (this) {
            node = (node + 1) % fleet.size();
          }
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
      }
    } catch (InterruptedException closed) {
      // by close()
    }
  }

  private NodeSocket connect() throws IOException, InterruptedException {
    URI uri;
    synchronized (this) {
      asked = next();
      uri =
          URI.create(
              "ws://"
                  + fleet.gateway(node).http()
                  + "/ws/subscribe/"
                  + sessionId
                  + "?wait=true&from_seq="
                  + asked);
    }
    NodeSocket open = NodeSocket.connect(fleet.http(), uri, this::take);
    synchronized (this) {
      socket = open;
    }
    return open;
  }

  /** The number after the last that came, 1 at first. */
  private long next() {
    return finals.isEmpty() ? 1 : finals.getLast().seq() + 1;
  }

  private synchronized void take(String message) {
    Seen.Final shown = seen.take(sessionId, message);
    if (shown == null) {
      ended |= message.contains("\"type\":\"ended\"");
      return;
    }
    ended = false;
    if (shown.seq() != next()) {
      faults.add(
          "reader of %s at gateway %d: final %d where %d is next (asked from %d)"
              .formatted(sessionId, node, shown.seq(), next(), asked));
    }
    finals.add(shown);
    notifyAll();
  }

  String sessionId() {
    return sessionId;
  }

  synchronized List<Seen.Final> finals() {
    return List.copyOf(finals);
  }

  /** What came out of order. */
  synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  synchronized int reconnects() {
    return reconnects;
  }

  /** Whether the source has ended, and no final came after that. */
  synchronized boolean isEnded() {
    return ended;
  }

  /** Waits for the final of this number; false when the time is up first. */
  synchronized boolean await(long seq, long untilNs) throws InterruptedException {
    while (next() <= seq) {
      long leftMs = (untilNs - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return false;
      }
      wait(leftMs);
    }
    return true;
  }

  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    synchronized (this) {
      if (socket != null) {
        socket.close();
      }
    }
  }
}
