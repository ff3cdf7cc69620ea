package org.linescribe.api.files;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded queue that serves its clients in turn: who brought one file waits for one file of each
 * other client, however many these have brought.
 *
 * <p>A place is reserved before the upload and used or given back after it. Thread: any.
 */
final class FairQueue<T> {
  private final int maxPlaces;
  private final int maxPlacesPerClient;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();

  /** In the order of their next turn. */
  private final LinkedHashMap<String, Deque<T>> waiting = new LinkedHashMap<>();

  private final Map<String, Integer> places = new HashMap<>();
  private int taken;

  FairQueue(int maxPlaces, int maxPlacesPerClient) {
    this.maxPlaces = maxPlaces;
    this.maxPlacesPerClient = maxPlacesPerClient;
  }

  /** A place for one item; used once or given back. Thread: any. */
  final class Place {
    private final String client;
    private boolean held = true;

    private Place(String client) {
      this.client = client;
    }

    String client() {
      return client;
    }

    /** Gives the place back; nothing happens when it was used or given back before. */
    void release() {
      lock.lock();
      try {
        if (held) {
          held = false;
          free(client);
        }
      } finally {
        lock.unlock();
      }
    }

    /**
     * Puts the item into the queue.
     *
     * @return false when the place was given back: the client is gone
     */
    boolean use(T item) {
      lock.lock();
      try {
        if (!held) {
          return false;
        }
        held = false;
        waiting.computeIfAbsent(client, key -> new ArrayDeque<>()).addLast(item);
        added.signal();
        return true;
      } finally {
        lock.unlock();
      }
    }
  }

  /** A place for the client's next item; empty when there is none. */
  Optional<Place> reserve(String client) {
    lock.lock();
    try {
      if (taken >= maxPlaces || places.getOrDefault(client, 0) >= maxPlacesPerClient) {
        return Optional.empty();
      }
      taken++;
      places.merge(client, 1, Integer::sum);
      return Optional.of(new Place(client));
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the next item; its place is free again. */
  T take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty()) {
        added.await();
      }
      Map.Entry<String, Deque<T>> next = waiting.pollFirstEntry();
      T item = next.getValue().removeFirst();
      if (!next.getValue().isEmpty()) {
        waiting.put(next.getKey(), next.getValue());
      }
      free(next.getKey());
      return item;
    } finally {
      lock.unlock();
    }
  }

  /**
   * @return false when it no longer waits
   */
  boolean remove(String client, T item) {
    lock.lock();
    try {
      Deque<T> items = waiting.get(client);
      if (items == null || !items.remove(item)) {
        return false;
      }
      if (items.isEmpty()) {
        waiting.remove(client);
      }
      free(client);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** What is served before the item and the item itself, in order; empty when it does not wait. */
  List<T> until(T item) {
    lock.lock();
    try {
      List<T> order = new ArrayList<>();
      List<List<T>> clients = waiting.values().stream().map(items -> List.copyOf(items)).toList();
      int longest = clients.stream().mapToInt(List::size).max().orElse(0);
      for (int round = 0; round < longest; round++) {
        for (List<T> items : clients) {
          if (round < items.size()) {
            order.add(items.get(round));
            if (items.get(round).equals(item)) {
              return order;
            }
          }
        }
      }
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  /** Everything that waits. */
  List<T> all() {
    lock.lock();
    try {
      return waiting.values().stream().flatMap(Deque::stream).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Items that wait, and places reserved for uploads. */
  int taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void free(String client) {
    taken--;
    places.compute(client, (key, count) -> count == null || count <= 1 ? null : count - 1);
  }
}
