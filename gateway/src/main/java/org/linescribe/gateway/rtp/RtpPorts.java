package org.linescribe.gateway.rtp;

import java.util.ArrayDeque;
import java.util.OptionalInt;

/**
 * The pairs of ports of the range, oldest first: a port that was given back waits behind all
 * others, and at least for its quarantine.
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

  synchronized void giveBack(int rtpPort, long nowNs) {
    free.add(new Free(rtpPort, nowNs + quarantineNs));
  }

  synchronized int available() {
    return free.size();
  }
}
