package org.linescribe.session.numbering;

import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.leg.LegAudioFeed;
import org.linescribe.session.leg.Recognisers;
import org.linescribe.session.store.StoreWrite;
import org.linescribe.session.tracing.SessionStep;
import org.linescribe.session.tracing.SessionTrace;

/**
 * The result of a source's admission: lease, first number and recognisers.
 *
 * @param nextSeq number of its first final
 * @param offsetMs from the session's start to this source's
 * @param continuesHere whether the session's source before was of this node
 * @param recognisers who serves it
 * @param description the session's stored metadata from now on
 * @param trace of the source; its writer ends it
 */
public record SourceOpening(
    SourceRequest request,
    SourceLease.Grant grant,
    long nextSeq,
    long offsetMs,
    boolean continuesHere,
    Recognisers.Choice recognisers,
    StreamOptions options,
    StoreWrite.Opened description,
    SessionTrace trace) {
  /** Traces that an utterance of a leg is decoded: from its first sample's arrival until now. */
  void traceDecoded(LegAudioFeed audio, String model, Hypothesis hypothesis) {
    if (!trace.isRecorded()) {
      return;
    }
    long nowNs = System.nanoTime();
    long lastNs = audio.arrivedNs(hypothesis.endMs() - 1).orElse(nowNs);
    long firstNs = audio.arrivedNs(hypothesis.startMs()).orElse(lastNs);
    trace.step(
        new SessionStep.Decoded(
            audio.name(),
            model,
            hypothesis.startMs(),
            hypothesis.endMs(),
            Math.max(0, nowNs - lastNs) / 1_000_000),
        Math.min(firstNs, nowNs),
        nowNs);
  }
}
