package org.linescribe.asr.utterance;

/**
 * What decoding costs, measured while it is done: what finals took lately, and what a second of
 * audio and a partial take.
 *
 * <p>Times are of {@link System#nanoTime}, given by the caller. Thread: any, under its owner's
 * lock.
 */
final class DecodeCosts {
  /** Over how long load is averaged. */
  private static final double MEMORY_NS = 10e9;

  /** Of a new measurement, against what was known. */
  private static final double NEW_SHARE = 0.1;

  private double finalBusyNs;
  private long busyAtNs;
  private double perSecond;
  private double partialNs;

  DecodeCosts(long nowNs) {
    busyAtNs = nowNs;
  }

  /** A decoding is done, of which ever kind. */
  void decoded(double seconds, long tookNs) {
    if (seconds > 0) {
      double cost = tookNs / 1e9 / seconds;
      perSecond = perSecond == 0 ? cost : (1 - NEW_SHARE) * perSecond + NEW_SHARE * cost;
    }
  }

  void partialTook(long tookNs) {
    partialNs = partialNs == 0 ? tookNs : (1 - NEW_SHARE) * partialNs + NEW_SHARE * tookNs;
  }

  void finalTook(long tookNs, long nowNs) {
    finalBusyNs = finalBusyNs * Math.exp(-(nowNs - busyAtNs) / MEMORY_NS) + tookNs;
    busyAtNs = nowNs;
  }

  /** Decode threads that finals took lately. */
  double finalThreads(long nowNs) {
    return finalBusyNs * Math.exp(-(nowNs - busyAtNs) / MEMORY_NS) / MEMORY_NS;
  }

  /** Seconds that a second of audio takes; zero before the first one. */
  double perSecond() {
    return perSecond;
  }

  /** What a partial takes; zero before the first one. */
  double partialNs() {
    return partialNs;
  }
}
