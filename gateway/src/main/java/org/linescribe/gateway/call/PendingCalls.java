package org.linescribe.gateway.call;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.linescribe.gateway.sip.SourceNetwork;

/**
 * Bounds the calls that no ACK has confirmed yet: for each source, and over all sources that have
 * never acknowledged a call. An ACK names the tag of our answer, so it proves that its address is
 * not forged, as a connection or an answer to our nonce does; a flood of INVITEs then leaves the
 * calls of those who have called before alone.
 *
 * <p>Sources without a proof share their places by dynamic thresholds: a source may hold up to
 * twice of what is free, so that one alone gets the limit of a source and many leave a place for
 * each newcomer.
 *
 * <p>Thread: any. Memory: one entry for each source with a pending call, and the last {@value
 * #MAX_PROVEN} that acknowledged one. Source: A. K. Choudhury, E. L. Hahne, "Dynamic queue length
 * thresholds for shared-memory packet switches", IEEE/ACM Transactions on Networking 6 (1998).
 */
final class PendingCalls {
  private static final int MAX_PROVEN = 10_000;

  private final int maxPerSource;
  private final int maxUnproven;

  /** In the order of their last use. */
  private final Map<SourceNetwork, Source> sources = new LinkedHashMap<>(16, 0.75f, true);

  private int proven;
  private int unprovenPending;

  /**
   * @param maxPerSource pending calls of one source
   */
  PendingCalls(int maxPerSource) {
    this.maxPerSource = maxPerSource;
    this.maxUnproven = maxPerSource + (maxPerSource + 1) / 2;
  }

  /** Whether a further call of a source may begin. */
  enum Verdict {
    YES,
    NO,
    /** Where a place of another source without proof is given up. */
    INSTEAD_OF_ANOTHER
  }

  synchronized Verdict mayBegin(InetAddress host) {
    Source source = sources.get(SourceNetwork.of(host));
    int pending = source == null ? 0 : source.pending;
    if (pending >= maxPerSource) {
      return Verdict.NO;
    }
    int free = maxUnproven - unprovenPending;
    if (source != null && source.isProven) {
      return Verdict.YES;
    }
    if (pending == 0) {
      return free > 0 ? Verdict.YES : Verdict.INSTEAD_OF_ANOTHER;
    }
    // The last free place is a newcomer's.
    return pending < 2 * (free - 1) ? Verdict.YES : Verdict.NO;
  }

  /** Counts a call up to its ACK or its end. */
  synchronized PendingCall begin(InetAddress host) {
    SourceNetwork network = SourceNetwork.of(host);
    Source source = sources.computeIfAbsent(network, Source::new);
    source.pending++;
    unprovenPending += source.isProven ? 0 : 1;
    return new PendingCall(this, source);
  }

  /** Its address is known not to be forged without an ACK, as by a connection. */
  synchronized void prove(InetAddress host) {
    prove(sources.computeIfAbsent(SourceNetwork.of(host), Source::new));
    forgetSome();
  }

  private void prove(Source source) {
    if (!source.isProven) {
      source.isProven = true;
      unprovenPending -= source.pending;
      proven++;
    }
  }

  synchronized boolean isProven(Source source) {
    return source.isProven;
  }

  synchronized void acknowledged(Source source) {
    prove(source);
    left(source);
    forgetSome();
  }

  synchronized void ended(Source source) {
    unprovenPending -= source.isProven ? 0 : 1;
    left(source);
  }

  private void left(Source source) {
    source.pending--;
    if (source.pending == 0 && !source.isProven) {
      sources.remove(source.network);
    }
  }

  private void forgetSome() {
    if (proven <= MAX_PROVEN) {
      return;
    }
    sources.values().stream()
        .filter(source -> source.isProven && source.pending == 0)
        .findFirst()
        .ifPresent(
            source -> {
              sources.remove(source.network);
              proven--;
            });
  }

  /** A source that has pending calls or is proven. Guarded by the pending calls. */
  static final class Source {
    private final SourceNetwork network;
    private int pending;
    private boolean isProven;

    private Source(SourceNetwork network) {
      this.network = network;
    }
  }
}
