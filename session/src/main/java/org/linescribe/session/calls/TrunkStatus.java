package org.linescribe.session.calls;

import java.time.Instant;
import java.util.Optional;

/**
 * A trunk and its calls.
 *
 * @param calls now
 * @param maxCalls at once; 0: only the gateway's own limit
 * @param refused calls that its limits refused since the start
 * @param lastRefusal when and why the last of them was
 * @param peer whether its peer is there; empty where nobody asks it, or no answer is known yet
 */
public record TrunkStatus(
    String name,
    int calls,
    int maxCalls,
    long refused,
    Optional<Refusal> lastRefusal,
    Optional<Peer> peer) {

  /**
   * @param reason the limit that was reached: "max-calls" or "calls-per-second"
   */
  public record Refusal(Instant at, String reason) {}

  /**
   * How the peer answered the last OPTIONS.
   *
   * @param isUp whether it answered, and not with 503
   * @param code of its answer; 408 where none came
   * @param since when it is up, or down
   */
  public record Peer(boolean isUp, int code, Instant since) {}

  /** The same trunk, of whose peer this is known. */
  public TrunkStatus with(Optional<Peer> known) {
    return new TrunkStatus(name, calls, maxCalls, refused, lastRefusal, known);
  }
}
