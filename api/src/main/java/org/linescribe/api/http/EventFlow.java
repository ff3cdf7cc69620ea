package org.linescribe.api.http;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * Brings events from a thread that may wait to an HTTP response that takes them as its client
 * reads: a bounded outbox in between. For one subscriber.
 *
 * <p>Thread: any.
 */
public final class EventFlow<T> {
  private final SendQueue<T> outbox;
  private final FluxSink<T> client;
  private final AtomicLong work = new AtomicLong();
  private volatile @Nullable Throwable failure;
  private volatile boolean complete;

  private EventFlow(int maxQueued, FluxSink<T> client) {
    this.outbox = new SendQueue<>(maxQueued);
    this.client = client;
  }

  /**
   * @param maxQueued events that may wait for the client
   * @param start starts whoever brings the events; called on subscription
   * @param stop called once when the client is gone or the flow has ended
   */
  public static <T> Flux<T> of(int maxQueued, Consumer<EventFlow<T>> start, Runnable stop) {
    // Nothing overflows: no more is given than the client asked for.
    return Flux.create(
        client -> {
          EventFlow<T> flow = new EventFlow<>(maxQueued, client);
          client.onRequest(_ -> flow.drain());
          client.onDispose(
              () -> {
                flow.outbox.close();
                stop.run();
              });
          start.accept(flow);
        },
        FluxSink.OverflowStrategy.IGNORE);
  }

  /**
   * Waits until the queue is not full.
   *
   * @return false when the client is gone
   */
  public boolean sendWaiting(T event) throws InterruptedException {
    boolean taken = outbox.offerWaiting(event);
    drain();
    return taken;
  }

  /** Sends an event that only matters while it is new: it gives way to any later one. */
  public void sendLatest(T event) {
    outbox.offerLatest(event);
    drain();
  }

  /** Ends the flow after the queued events. */
  public void complete() {
    outbox.close();
    complete = true;
    drain();
  }

  /** Ends the flow after the queued events. */
  public void fail(Throwable why) {
    failure = why;
    complete();
  }

  private void drain() {
    if (work.getAndIncrement() != 0) {
      return;
    }
    long missed = 1;
    while (missed != 0) {
      deliver();
      missed = work.addAndGet(-missed);
    }
  }

  private void deliver() {
    while (client.requestedFromDownstream() > 0) {
      T next = outbox.poll();
      if (next == null) {
        break;
      }
      client.next(next);
    }
    if (complete && outbox.isEmpty()) {
      Throwable why = failure;
      if (why == null) {
        client.complete();
      } else {
        client.error(why);
      }
    }
  }
}
