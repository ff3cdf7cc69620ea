package org.linescribe.media.jitter;

import java.util.ArrayDeque;

/** Packets that wait for one before them, in the order of their sequence; bounded. */
final class SlotQueue {
  static final int CAPACITY = 64;

  private final Slot[] waiting = new Slot[CAPACITY];
  private final ArrayDeque<Slot> spare = new ArrayDeque<>(CAPACITY + 2);
  private int size;

  Slot obtain() {
    Slot slot = spare.pollLast();
    return slot == null ? new Slot() : slot;
  }

  void recycle(Slot slot) {
    spare.addLast(slot);
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean isFull() {
    return size == CAPACITY;
  }

  Slot first() {
    return waiting[0];
  }

  /** Not when full. */
  void add(Slot slot) {
    int at = size;
    while (at > 0 && waiting[at - 1].extendedSequenceNumber > slot.extendedSequenceNumber) {
      waiting[at] = waiting[at - 1];
      at--;
    }
    waiting[at] = slot;
    size++;
  }

  Slot removeFirst() {
    Slot first = waiting[0];
    size--;
    System.arraycopy(waiting, 1, waiting, 0, size);
    return first;
  }

  /** Moves all that wait to later positions. */
  void move(long samples) {
    for (int i = 0; i < size; i++) {
      waiting[i].position += samples;
    }
  }

  /** When the packet came that waits longest. Not when empty. */
  long oldestArrivalNs() {
    long oldest = waiting[0].arrivalNs;
    for (int i = 1; i < size; i++) {
      oldest = Math.min(oldest, waiting[i].arrivalNs);
    }
    return oldest;
  }
}
