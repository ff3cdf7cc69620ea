package org.linescribe.api.http;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * Brings events from a thread that may wait to an HTTP response that takes them as its client
 * reads: a bounded outbox in between. For one subscriber.
 *
 * <p>Thread: any.
 */
public final class EventFlow<T> implements Publisher<T> {
  private final SendQueue<T> outbox;
  private final AtomicLong demand = new AtomicLong();
  private final AtomicLong work = new AtomicLong();
  private final AtomicBoolean subscribed = new AtomicBoolean();
  private volatile @Nullable Subscriber<? super T> subscriber;
  private volatile @Nullable Throwable failure;
  private volatile boolean complete;
  private volatile boolean cancelled;

  private EventFlow(int maxQueued) {
    this.outbox = new SendQueue<>(maxQueued);
  }

  /**
   * @param maxQueued events that may wait for the client
   * @param start starts whoever brings the events; called on subscription
   * @param stop called once when the client is gone or the flow has ended
   */
  public static <T> Flux<T> of(int maxQueued, Consumer<EventFlow<T>> start, Runnable stop) {
    return Flux.defer(
        () -> {
          EventFlow<T> flow = new EventFlow<>(maxQueued);
          return Flux.from(flow)
              .doOnSubscribe(_ -> start.accept(flow))
              .doFinally(
                  _ -> {
                    flow.outbox.close();
                    stop.run();
                  });
        });
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

  @Override
  public void subscribe(Subscriber<? super T> to) {
    if (!subscribed.compareAndSet(false, true)) {
      Operators.error(to, new IllegalStateException("one subscriber only"));
      return;
    }
    subscriber = to;
    to.onSubscribe(
        new Subscription() {
          @Override
          public void request(long n) {
            if (Operators.validate(n)) {
              demand.accumulateAndGet(n, Operators::addCap);
              drain();
            }
          }

          @Override
          public void cancel() {
            cancelled = true;
            outbox.close();
          }
        });
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
    Subscriber<? super T> to = subscriber;
    if (to == null) {
      return;
    }
    while (!cancelled && demand.get() > 0) {
      T next = outbox.poll();
      if (next == null) {
        break;
      }
      if (demand.get() != Long.MAX_VALUE) {
        demand.decrementAndGet();
      }
      to.onNext(next);
    }
    if (!cancelled && complete && outbox.isEmpty()) {
      cancelled = true;
      Throwable why = failure;
      if (why == null) {
        to.onComplete();
      } else {
        to.onError(why);
      }
    }
  }
}
