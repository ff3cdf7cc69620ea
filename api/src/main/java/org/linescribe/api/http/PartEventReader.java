package org.linescribe.api.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.codec.multipart.PartEvent;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * Delivers a form's parts, one at a time, to a consumer that may block. A part is requested when
 * the previous one is consumed, and released exactly once.
 *
 * <p>A form that is refused in the middle is never cancelled, because Spring's parser leaks what it
 * holds when it is cancelled by another thread than its event loop: the rest is read and dropped,
 * so that the client can read its answer; the connection of a client that goes on for too long is
 * closed.
 *
 * <p>Thread: event loops deliver; virtual threads consume, one after the other.
 */
public final class PartEventReader extends BaseSubscriber<PartEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(PartEventReader.class);
  private static final int CHECKS_PER_STALL = 8;

  /** Bytes of a refused form that are dropped before the connection is closed. */
  private static final long MAX_DROPPED_BYTES = 16L << 20;

  /** How long a refused form may go on. */
  private static final long MAX_DROPPING_NS = TimeUnit.SECONDS.toNanos(5);

  /** Consumes the parts in order. */
  public interface PartConsumer {
    /**
     * @param event borrowed
     */
    void accept(PartEvent event) throws Exception;
  }

  /** The client stalled. */
  public static final class StalledException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** The form is incomplete or malformed. */
  public static final class BrokenException extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenException(Throwable cause) {
      super("the form cannot be read", cause);
    }
  }

  private final PartConsumer consumer;
  private final BlockingCalls blockingCalls;
  private final MonoSink<Void> sink;
  private final Runnable hangUp;
  private final long stallNs;
  private final Disposable clock;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean consuming;
  private volatile boolean complete;
  private volatile long sinceNs = System.nanoTime();
  private volatile long droppedBytes;

  private PartEventReader(
      PartConsumer consumer,
      BlockingCalls blockingCalls,
      MonoSink<Void> sink,
      Duration stall,
      Runnable hangUp) {
    this.consumer = consumer;
    this.blockingCalls = blockingCalls;
    this.sink = sink;
    this.hangUp = hangUp;
    this.stallNs = stall.toNanos();
    long periodNs = stallNs / CHECKS_PER_STALL;
    this.clock =
        Schedulers.parallel()
            .schedulePeriodically(this::checkTime, periodNs, periodNs, TimeUnit.NANOSECONDS);
  }

  /**
   * Completes when all parts are consumed; fails with the exception of the consumer, {@link
   * StalledException} or {@link BrokenException}.
   *
   * @param hangUp closes the client's connection
   */
  public static Mono<Void> read(
      Flux<PartEvent> parts,
      PartConsumer consumer,
      BlockingCalls blockingCalls,
      Duration stall,
      Runnable hangUp) {
    return Mono.create(
        sink -> {
          PartEventReader reader =
              new PartEventReader(consumer, blockingCalls, sink, stall, hangUp);
          sink.onCancel(reader::end);
          parts.subscribe(reader);
        });
  }

  /**
   * What upstream still has to say about a form that was answered already (it broke off, it has no
   * end) is no error of ours: without this key Reactor logs it as one, with a stack trace.
   */
  @Override
  public Context currentContext() {
    return Context.of(
        "reactor.onErrorDropped.local",
        (Consumer<Throwable>) late -> LOG.debug("a form after its answer: {}", late.toString()));
  }

  private void checkTime() {
    long silentNs = System.nanoTime() - sinceNs;
    if (ended.get()) {
      if (silentNs > MAX_DROPPING_NS) {
        hangUp.run();
      }
    } else if (!consuming && silentNs > stallNs) {
      fail(new StalledException());
    }
  }

  private boolean end() {
    boolean first = ended.compareAndSet(false, true);
    if (first) {
      sinceNs = System.nanoTime();
    }
    return first;
  }

  private void fail(Throwable why) {
    if (end()) {
      sink.error(why);
    }
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {
    subscription.request(1);
  }

  @Override
  protected void hookOnNext(PartEvent event) {
    if (ended.get()) {
      drop(event);
    } else {
      consuming = true;
      blockingCalls.execute(() -> take(event));
    }
  }

  private void drop(PartEvent event) {
    droppedBytes += event.content().readableByteCount();
    DataBufferUtils.release(event.content());
    if (droppedBytes > MAX_DROPPED_BYTES) {
      hangUp.run();
    } else {
      request(1);
    }
  }

  private void take(PartEvent event) {
    try {
      if (!ended.get()) {
        consumer.accept(event);
        sinceNs = System.nanoTime();
      }
    } catch (Exception e) {
      fail(e);
    } finally {
      DataBufferUtils.release(event.content());
      consuming = false;
    }
    succeedWhenConsumed();
    request(1);
  }

  @Override
  protected void hookOnComplete() {
    // The last part may still be on its way to the disk.
    complete = true;
    succeedWhenConsumed();
  }

  private void succeedWhenConsumed() {
    if (complete && !consuming && end()) {
      sink.success();
    }
  }

  @Override
  protected void hookOnError(Throwable thrown) {
    fail(new BrokenException(thrown));
  }

  @Override
  protected void hookFinally(SignalType type) {
    clock.dispose();
  }
}
