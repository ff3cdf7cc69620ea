package org.linescribe.app.tracing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.linescribe.api.http.LogGate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spans between those who end them and the receiver. What the queue has no space for is dropped and
 * counted; so is what the receiver does not take. Nobody waits for it. The SDK's own processor
 * tells of drops only to the SDK's metrics.
 *
 * <p>Thread: any ends spans; one virtual thread sends them.
 */
final class SpanQueue implements SpanProcessor {
  private static final Logger LOG = LoggerFactory.getLogger(SpanQueue.class);
  private static final int MOST_IN_A_BATCH = 512;

  /** Spans of this long go together, where there are fewer than a batch. */
  private static final Duration GATHER = Duration.ofSeconds(1);

  /** So often an idle sender sees whether it is closed: an interrupt would break off a request. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  /** The exporter is to give up first: it knows why. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /** What is still sent at the end may take so long. */
  private static final Duration LAST_MOMENT = Duration.ofSeconds(2);

  private final SpanExporter exporter;
  private final String receiver;
  private final long timeoutNs;
  private final int batchSize;
  private final BlockingQueue<ReadableSpan> queue;
  private final Counter sent;
  private final Counter failed;
  private final Counter dropped;
  private final LogGate away = new LogGate(Duration.ofMinutes(1));
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread sender;

  /**
   * @param exporter owned
   * @param receiver for the log, without secrets
   */
  SpanQueue(
      SpanExporter exporter,
      String receiver,
      int capacity,
      Duration timeout,
      MeterRegistry meters) {
    this.exporter = exporter;
    this.receiver = receiver;
    this.timeoutNs = timeout.toNanos();
    this.batchSize = Math.clamp(capacity / 2, 1, MOST_IN_A_BATCH);
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.sent = counter(meters, "sent");
    this.failed = counter(meters, "failed");
    this.dropped = counter(meters, "dropped");
    this.sender = Thread.ofVirtual().name("linescribe-otlp").start(this::run);
  }

  private static Counter counter(MeterRegistry meters, String result) {
    return Counter.builder("linescribe.tracing.spans")
        .description("Spans of sessions' traces, by what became of them")
        .tag("result", result)
        .register(meters);
  }

  @Override
  public void onStart(Context parentContext, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (span.getSpanContext().isSampled() && !queue.offer(span)) {
      dropped.increment();
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  private void run() {
    List<ReadableSpan> batch = new ArrayList<>(batchSize);
    try {
      while (closing.getCount() > 0) {
        ReadableSpan first = queue.poll(LOOK_AGAIN.toNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
          batch.add(first);
          gather(batch);
          send(batch, timeoutNs);
        }
      }
    } catch (InterruptedException stopped) {
      LOG.warn("The thread that sends traces was interrupted");
    }
    long deadlineNs = System.nanoTime() + Math.min(timeoutNs, LAST_MOMENT.toNanos());
    while (!queue.isEmpty() || !batch.isEmpty()) {
      queue.drainTo(batch, batchSize - batch.size());
      send(batch, deadlineNs - System.nanoTime());
    }
  }

  /** Takes out what comes, so that a queue that is shorter than a batch does not fill meanwhile. */
  private void gather(List<ReadableSpan> batch) throws InterruptedException {
    long untilNs = System.nanoTime() + GATHER.toNanos();
    while (batch.size() < batchSize && closing.getCount() > 0) {
      long leftNs = untilNs - System.nanoTime();
      ReadableSpan next = queue.poll(Math.min(leftNs, LOOK_AGAIN.toNanos()), TimeUnit.NANOSECONDS);
      if (next != null) {
        batch.add(next);
      } else if (leftNs <= 0) {
        return;
      }
    }
  }

  private void send(List<ReadableSpan> batch, long withinNs) {
    boolean taken = withinNs > 0 && export(batch, withinNs);
    (taken ? sent : failed).increment(batch.size());
    batch.clear();
  }

  private boolean export(List<ReadableSpan> batch, long withinNs) {
    CompletableResultCode result;
    try {
      result =
          exporter
              .export(batch.stream().map(ReadableSpan::toSpanData).toList())
              .join(withinNs + GRACE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RuntimeException | Error broken) {
      // Without this thread nothing would be sent any more.
      result = CompletableResultCode.ofExceptionalFailure(broken);
    }
    if (!result.isSuccess()) {
      Throwable why = result.getFailureThrowable();
      away.log(
          heldBack ->
              LOG.warn(
                  "Spans of traces are lost: {} does not take them: {} ({} more not logged)",
                  receiver,
                  why == null ? "no answer in time, or an error's status" : why.toString(),
                  heldBack));
    }
    return result.isSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    closing.countDown();
    try {
      sender.join(LAST_MOMENT.plusSeconds(1));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return exporter.shutdown();
  }
}
