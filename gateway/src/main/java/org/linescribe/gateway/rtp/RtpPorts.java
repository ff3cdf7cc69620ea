package org.linescribe.gateway.rtp;

import java.util.ArrayDeque;
import java.util.OptionalInt;

/**
 * The free port pairs, least recently used first. A returned pair is not reused before its
 * quarantine ends, so that late packets of one call do not reach the next.
 *
 * <p>Thread: any.
 */
final class RtpPorts {
  private record Free(int rtpPort, long fromNs) {}

  private final ArrayDeque<Free> free = new ArrayDeque<>();
  private final long quarantineNs;

  RtpPorts(int firstPort, int pairs, long quarantineNs, long nowNs) {
    this.quarantineNs = quarantineNs;
    for (int pair = 0; pair < pairs; pair++) {
      free.add(new Free(firstPort + 2 * pair, nowNs));
    }
  }

  /** The next even port, empty when all are in use or in quarantine. */
  synchronized OptionalInt take(long nowNs) {
    Free oldest = free.peek();
    if (oldest == null || nowNs - oldest.fromNs() < 0) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(free.remove().rtpPort());
  }

  synchronized void release(int rtpPort, long nowNs) {
    free.add(new Free(rtpPort, nowNs + quarantineNs));
  }

  synchronized int available() {
    return free.size();
  }
}
