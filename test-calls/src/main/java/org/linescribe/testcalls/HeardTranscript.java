package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that a reader was told of a session, in order of arrival.
 *
 * <p>Thread: any; guarded by its monitor. The listener is called on the socket's thread, outside
 * the monitor.
 */
public final class HeardTranscript {
  private final List<HeardEvent> events = new ArrayList<>();
  private final Consumer<HeardEvent> listener;
  private int unreadable;
  private int reconnects;
  private long firstOwn;
  private long lastChangeNs;
  private boolean ended;
  private @Nullable String failure;

  HeardTranscript(Consumer<HeardEvent> listener, long nowNs) {
    this.listener = listener;
    this.lastChangeNs = nowNs;
  }

  void take(String json, long atNs) {
    HeardEvent event = HeardEvent.parse(json, atNs);
    synchronized (this) {
      lastChangeNs = atNs;
      if (event == null) {
        unreadable++;
        return;
      }
      events.add(event);
      ended = event.kind() == HeardEvent.Kind.ENDED;
      notifyAll();
    }
    listener.accept(event);
  }

  synchronized void reconnected() {
    reconnects++;
  }

  /** No event follows. */
  synchronized void closed(@Nullable String why) {
    ended = true;
    failure = why;
    notifyAll();
  }

  /**
   * Waits until what an earlier call left has been replayed: its end was told, or nothing for a
   * second.
   */
  void awaitReplay(FrameClock clock) throws InterruptedException {
    awaitEnd(1_000_000_000L, clock);
  }

  /** What came so far is an earlier call's: it is not measured. */
  synchronized void ownCallBegins() {
    firstOwn = nextSeq();
    ended = false;
  }

  /** Finals that came before somebody spoke are an earlier call's too: a replay may be slow. */
  synchronized void speechBeganAt(long ns) {
    for (HeardEvent event : events) {
      if (event.kind() == HeardEvent.Kind.FINAL && event.atNs() < ns) {
        firstOwn = Math.max(firstOwn, event.seq() + 1);
      }
    }
  }

  /**
   * Waits until the session's end was told or nothing was told for {@code quietNs}.
   *
   * @return whether the end was told
   */
  synchronized boolean awaitEnd(long quietNs, FrameClock clock) throws InterruptedException {
    long from = clock.nowNs();
    while (!ended) {
      long leftNs = quietNs - (clock.nowNs() - Math.max(from, lastChangeNs));
      if (leftNs <= 0) {
        return false;
      }
      wait(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
    }
    return true;
  }

  /** The number after the highest final so far; 1 at first. */
  synchronized long nextSeq() {
    return events.stream()
            .filter(e -> e.kind() == HeardEvent.Kind.FINAL)
            .mapToLong(HeardEvent::seq)
            .max()
            .orElse(0)
        + 1;
  }

  public synchronized List<HeardEvent> events() {
    return List.copyOf(events);
  }

  /** The finals of this call, each number once, in order of arrival. */
  public List<HeardEvent> ownFinals() {
    long from;
    synchronized (this) {
      from = firstOwn;
    }
    List<Long> seen = new ArrayList<>();
    List<HeardEvent> finals = new ArrayList<>();
    for (HeardEvent event : events()) {
      if (event.kind() == HeardEvent.Kind.FINAL
          && event.seq() >= from
          && !seen.contains(event.seq())) {
        seen.add(event.seq());
        finals.add(event);
      }
    }
    return List.copyOf(finals);
  }

  /** The text of this call's finals in order of their numbers. */
  public String text() {
    return ownFinals().stream()
        .sorted(Comparator.comparingLong(HeardEvent::seq))
        .map(HeardEvent::text)
        .collect(Collectors.joining(" "));
  }

  /** Messages that were no event. */
  public synchronized int unreadable() {
    return unreadable;
  }

  /** How often the reader lost its connection and resumed. */
  public synchronized int reconnects() {
    return reconnects;
  }

  /** Why the reader could not go on, null where it could. */
  public synchronized @Nullable String failure() {
    return failure;
  }
}
