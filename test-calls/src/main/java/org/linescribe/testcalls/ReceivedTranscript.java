package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The events that a reader received of a session, in order of arrival.
 *
 * <p>Thread: any; guarded by its monitor. The listener is called on the socket's thread, outside
 * the monitor.
 */
public final class ReceivedTranscript {
  private final List<ReceivedEvent> events = new ArrayList<>();
  private final Consumer<ReceivedEvent> listener;
  private int unreadable;
  private int reconnects;
  private long firstOwn;
  private long lastChangeNs;
  private boolean ended;
  private @Nullable String failure;

  ReceivedTranscript(Consumer<ReceivedEvent> listener, long nowNs) {
    this.listener = listener;
    this.lastChangeNs = nowNs;
  }

  void take(String json, long atNs) {
    ReceivedEvent event = ReceivedEvent.parse(json, atNs);
    synchronized (this) {
      lastChangeNs = atNs;
      if (event == null) {
        unreadable++;
        return;
      }
      events.add(event);
      ended = event.kind() == ReceivedEvent.Kind.ENDED;
      notifyAll();
    }
    listener.accept(event);
  }

  synchronized void reconnected() {
    reconnects++;
  }

  /** The subscription ended. */
  synchronized void closed(@Nullable String why) {
    ended = true;
    failure = why;
    notifyAll();
  }

  /**
   * Waits until the replay of an earlier call's events has ended: by its end event, or by a second
   * without an event.
   */
  void awaitReplay(FrameClock clock) throws InterruptedException {
    awaitEnd(1_000_000_000L, clock);
  }

  /** Marks the events so far as an earlier call's, which are not measured. */
  synchronized void ownCallBegins() {
    firstOwn = nextSeq();
    ended = false;
  }

  /**
   * Finals that arrived before the first speech also belong to an earlier call, because a replay
   * may be slow.
   */
  synchronized void speechBeganAt(long ns) {
    for (ReceivedEvent event : events) {
      if (event.kind() == ReceivedEvent.Kind.FINAL && event.atNs() < ns) {
        firstOwn = Math.max(firstOwn, event.seq() + 1);
      }
    }
  }

  /**
   * Waits for the end event, or for {@code quietNs} without an event.
   *
   * @return whether the end event arrived
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

  /** The sequence number after the highest final so far; initially 1. */
  synchronized long nextSeq() {
    return events.stream()
            .filter(e -> e.kind() == ReceivedEvent.Kind.FINAL)
            .mapToLong(ReceivedEvent::seq)
            .max()
            .orElse(0)
        + 1;
  }

  public synchronized List<ReceivedEvent> events() {
    return List.copyOf(events);
  }

  /** How often the text of this call's utterances changed. */
  PartialGaps partialGaps() {
    long from;
    synchronized (this) {
      from = firstOwn;
    }
    return PartialGaps.of(events(), from);
  }

  /** The finals of this call, without repetitions, in order of arrival. */
  public List<ReceivedEvent> ownFinals() {
    long from;
    synchronized (this) {
      from = firstOwn;
    }
    List<Long> seen = new ArrayList<>();
    List<ReceivedEvent> finals = new ArrayList<>();
    for (ReceivedEvent event : events()) {
      if (event.kind() == ReceivedEvent.Kind.FINAL
          && event.seq() >= from
          && !seen.contains(event.seq())) {
        seen.add(event.seq());
        finals.add(event);
      }
    }
    return List.copyOf(finals);
  }

  /** The text of this call's finals in order of sequence numbers. */
  public String text() {
    return ownFinals().stream()
        .sorted(Comparator.comparingLong(ReceivedEvent::seq))
        .map(ReceivedEvent::text)
        .collect(Collectors.joining(" "));
  }

  /** Messages that could not be parsed as an event. */
  public synchronized int unreadable() {
    return unreadable;
  }

  /** How often the reader lost its connection and resumed. */
  public synchronized int reconnects() {
    return reconnects;
  }

  /** Why the reader stopped, null if it did not. */
  public synchronized @Nullable String failure() {
    return failure;
  }
}
