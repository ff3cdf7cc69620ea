package org.linescribe.api.stt;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.api.RefusedRequestException;

/**
 * The bytes of chunks that have come and are not yet in their sessions, of all requests together:
 * bounded, as each of them lies in memory and as many may come at once as clients like.
 *
 * <p>Thread: any.
 */
final class ChunksInHand {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final long mostBytes;
  private final AtomicLong bytes = new AtomicLong();

  ChunksInHand(long mostBytes, MeterRegistry registry) {
    this.mostBytes = mostBytes;
    Gauge.builder("linescribe.stt.chunks.bytes", bytes, AtomicLong::get)
        .description("Bytes of chunks received and not yet taken by their sessions")
        .register(registry);
  }

  /** What one request has in hand. Thread: one at a time. */
  final class Share implements AutoCloseable {
    private long own;

    /** Takes bytes in, or refuses the request. */
    void add(int more) {
      if (bytes.addAndGet(more) > mostBytes) {
        bytes.addAndGet(-more);
        throw RefusedRequestException.unavailable(
            "Too many chunks at once on this node", RETRY_AFTER);
      }
      own += more;
    }

    /** Gives them back. Idempotent. */
    @Override
    public void close() {
      bytes.addAndGet(-own);
      own = 0;
    }
  }
}
