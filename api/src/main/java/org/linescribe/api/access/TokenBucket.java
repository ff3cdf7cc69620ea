package org.linescribe.api.access;

/**
 * A rate with a burst: tokens come in at a steady rate up to a bound, and a request takes one.
 *
 * <p>Thread: any.
 */
final class TokenBucket {
  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final long nsPerToken;
  private final long fullNs;
  private long creditNs;
  private long lastNs;

  /**
   * @param tokensPerSecond 1 to 1,000,000
   * @param burst tokens that it holds when full, and at first
   */
  TokenBucket(int tokensPerSecond, int burst, long nowNs) {
    nsPerToken = NS_PER_SECOND / tokensPerSecond;
    fullNs = nsPerToken * burst;
    creditNs = fullNs;
    lastNs = nowNs;
  }

  /**
   * Takes a token.
   *
   * @return 0 when there was one, else the time until there will be: nothing was taken
   */
  synchronized long takeOrWaitNs(long nowNs) {
    long passedNs = nowNs - lastNs;
    if (passedNs > 0) {
      creditNs = passedNs >= fullNs - creditNs ? fullNs : creditNs + passedNs;
      lastNs = nowNs;
    }
    if (creditNs < nsPerToken) {
      return nsPerToken - creditNs;
    }
    creditNs -= nsPerToken;
    return 0;
  }
}
