package org.linescribe.asr.scheduler;

import org.linescribe.asr.scheduler.StreamingEngine.EngineResult;

/** The tracker's decisions alone, on a native stream that is never replaced. */
public final class EndpointDecisions {
  private final UtteranceTracker tracker;

  public EndpointDecisions(long endpointSilenceMs) {
    tracker = new UtteranceTracker(endpointSilenceMs, 1_000_000, 0);
    tracker.begin(0);
  }

  public boolean endsAt(EngineResult result, long decodedMs) {
    tracker.update(result, decodedMs);
    return tracker.endpoint(decodedMs).isPresent();
  }
}
