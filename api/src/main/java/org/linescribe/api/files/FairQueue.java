package org.linescribe.api.files;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A bounded queue that serves its clients round-robin: a client with one file waits for one file of
 * each other client, however many these have submitted.
 *
 * <p>A permit is reserved before the upload, and used or released after it. Thread: any.
 */
final class FairQueue<T> {
  private final int maxPermits;
  private final int maxPermitsPerClient;

  /** In the order in which the clients are served. */
  private final LinkedHashMap<String, Deque<T>> waiting = new LinkedHashMap<>();

  private final Map<String, Integer> permits = new HashMap<>();
  private int taken;

  FairQueue(int maxPermits, int maxPermitsPerClient) {
    this.maxPermits = maxPermits;
    this.maxPermitsPerClient = maxPermitsPerClient;
  }

  /** Permits one item of a client; used once or released. Thread: any. */
  final class Permit {
    private final String client;
    private boolean held = true;

    private Permit(String client) {
      this.client = client;
    }

    String client() {
      return client;
    }

    /** Idempotent, and without effect after {@link #use}. */
    void release() {
      synchronized (FairQueue.this) {
        if (held) {
          held = false;
          free(client);
        }
      }
    }

    /**
     * Adds the item to the queue.
     *
     * @return false when the permit was released: the client is gone
     */
    boolean use(T item) {
      synchronized (FairQueue.this) {
        if (held) {
          held = false;
          waiting.computeIfAbsent(client, _ -> new ArrayDeque<>()).addLast(item);
          FairQueue.this.notify();
          return true;
        }
        return false;
      }
    }
  }

  /** A permit for the client's next item; empty when there is none. */
  synchronized Optional<Permit> reserve(String client) {
    if (taken >= maxPermits || permits.getOrDefault(client, 0) >= maxPermitsPerClient) {
      return Optional.empty();
    }
    taken++;
    permits.merge(client, 1, Integer::sum);
    return Optional.of(new Permit(client));
  }

  /** Waits for the next item, whose permit is then free again. */
  synchronized T take() throws InterruptedException {
    while (waiting.isEmpty()) {
      wait();
    }
    Map.Entry<String, Deque<T>> next = waiting.pollFirstEntry();
    T item = next.getValue().removeFirst();
    if (!next.getValue().isEmpty()) {
      waiting.put(next.getKey(), next.getValue());
    }
    free(next.getKey());
    return item;
  }

  /**
   * @return false when the item no longer waits
   */
  synchronized boolean remove(String client, T item) {
    Deque<T> items = waiting.getOrDefault(client, new ArrayDeque<>());
    boolean removed = items.remove(item);
    if (removed) {
      free(client);
    }
    if (items.isEmpty()) {
      waiting.remove(client);
    }
    return removed;
  }

  /** The items served up to and including the given one, in order; empty when it does not wait. */
  synchronized List<T> until(T item) {
    List<T> order = new ArrayList<>();
    List<List<T>> clients = waiting.values().stream().map(items -> List.copyOf(items)).toList();
    int longest = clients.stream().mapToInt(List::size).max().orElse(0);
    for (int round = 0; round < longest; round++) {
      for (List<T> items : clients) {
        if (round < items.size()) {
          order.add(items.get(round));
        }
      }
    }
    return List.copyOf(order.subList(0, order.indexOf(item) + 1));
  }

  /** All items that wait. */
  synchronized List<T> all() {
    return waiting.values().stream().flatMap(Deque::stream).toList();
  }

  /** Items that wait, and permits reserved for uploads. */
  synchronized int taken() {
    return taken;
  }

  private void free(String client) {
    taken--;
    permits.compute(client, (_, count) -> count == null || count <= 1 ? null : count - 1);
  }
}
