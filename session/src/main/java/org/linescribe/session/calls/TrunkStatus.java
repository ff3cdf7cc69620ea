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
 */
public record TrunkStatus(
    String name, int calls, int maxCalls, long refused, Optional<Refusal> lastRefusal) {

  /**
   * @param reason the limit that was reached: "max-calls" or "calls-per-second"
   */
  public record Refusal(Instant at, String reason) {}
}
