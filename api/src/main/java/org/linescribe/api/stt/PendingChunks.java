package org.linescribe.api.stt;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.api.http.RefusedRequestException;

/**
 * Bounds the bytes of chunks that were received and not yet written to their sessions, of all
 * requests together: each lies in memory, and clients decide how many arrive at once.
 *
 * <p>Thread: any.
 */
final class PendingChunks {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final long maxBytes;
  private final AtomicLong bytes = new AtomicLong();

  PendingChunks(long maxBytes, MeterRegistry registry) {
    this.maxBytes = maxBytes;
    Gauge.builder("linescribe.stt.chunks.bytes", bytes, AtomicLong::get)
        .description("Bytes of chunks received and not yet written to their sessions")
        .register(registry);
  }

  /** The bytes of one request. Thread: one at a time. */
  final class Share implements AutoCloseable {
    private long own;

    /** Adds bytes, or refuses the request. */
    void add(int more) {
      if (bytes.addAndGet(more) > maxBytes) {
        bytes.addAndGet(-more);
        throw RefusedRequestException.unavailable(
            "Too many chunks at once on this node", RETRY_AFTER);
      }
      own += more;
    }

    /** Releases them. Idempotent. */
    @Override
    public void close() {
      bytes.addAndGet(-own);
      own = 0;
    }
  }
}
