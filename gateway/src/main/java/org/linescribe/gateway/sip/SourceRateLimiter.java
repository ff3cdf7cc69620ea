package org.linescribe.gateway.sip;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Limits the messages per second of each source address by the generic cell rate algorithm, with a
 * burst of one second, and its messages that wait for a parser. Addresses share a fixed table by a
 * random hash, so that a flood of forged addresses costs no memory ({@link SourceNetwork}).
 *
 * <p>Thread: any. Source: ITU-T I.371 (GCRA).
 */
final class SourceRateLimiter {
  private static final int BUCKETS = 1 << 14;
  private static final long SECOND_NS = 1_000_000_000L;

  /** Bounds how long one source can make the others wait. */
  private static final int MAX_QUEUED = 64;

  private final AtomicIntegerArray queued = new AtomicIntegerArray(BUCKETS);
  private final AtomicLongArray arrivalNs = new AtomicLongArray(BUCKETS);
  private final int seed = ThreadLocalRandom.current().nextInt();
  private final long intervalNs;

  /**
   * @param perSecond 0 for no limit
   */
  SourceRateLimiter(int perSecond, long nowNs) {
    this.intervalNs = perSecond == 0 ? 0 : SECOND_NS / perSecond;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      arrivalNs.set(bucket, nowNs);
    }
  }

  /** Counts a queued message; false when the source has too many, and nothing is counted. */
  boolean enqueue(InetAddress source) {
    int bucket = bucket(source);
    if (queued.incrementAndGet(bucket) <= MAX_QUEUED) {
      return true;
    }
    queued.decrementAndGet(bucket);
    return false;
  }

  /** A message that was counted by {@link #enqueue} is processed. */
  void dequeue(InetAddress source) {
    queued.decrementAndGet(bucket(source));
  }

  private int bucket(InetAddress source) {
    int hash = seed ^ Arrays.hashCode(SourceNetwork.prefix(source));
    return (hash * 0x9E3779B9) >>> 18;
  }

  boolean admit(InetAddress source, long nowNs) {
    if (intervalNs == 0) {
      return true;
    }
    int bucket = bucket(source);
    while (true) {
      long expectedNs = arrivalNs.get(bucket);
      long dueNs = expectedNs - nowNs > 0 ? expectedNs : nowNs;
      if (dueNs - nowNs > SECOND_NS) {
        return false;
      }
      if (arrivalNs.compareAndSet(bucket, expectedNs, dueNs + intervalNs)) {
        return true;
      }
    }
  }
}
