package org.linescribe.gateway.call;

import static java.util.concurrent.TimeUnit.SECONDS;
import static java.util.stream.Collectors.joining;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.RtpSummary;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What remains to be done when a call has ended: its line in the log, the end of its source, and
 * the message to the peer.
 *
 * <p>Thread: the call's event loop.
 */
record CallEnd(SessionId sessionId, SipDialog dialog, CallTermination termination) {
  private static final Logger LOG = LoggerFactory.getLogger(Call.class);
  private static final int FLUSH_TIMEOUT_S = 10;

  void log(CallOutcome outcome, @Nullable CallMedia media) {
    String summary =
        media == null
            ? ""
            : media.summaries().stream().map(RtpSummary::toString).collect(joining(" "));
    LOG.info(
        "session {}: call {} ended: {} {}",
        sessionId,
        dialog,
        outcome instanceof CallOutcome.Failed failed
            ? "failed (" + failed.what() + ")"
            : outcome.word(),
        summary);
  }

  /**
   * Ends the source and tells the peer.
   *
   * @param before the state that the call ended in
   * @return completes normally, on any thread, when the transcript is durable or given up and the
   *     peer was told or does not answer: the gateway may stop only then
   */
  CompletionStage<Void> complete(
      CallState before,
      CallOutcome outcome,
      @Nullable SessionSource source,
      @Nullable CallMedia media) {
    CompletionStage<?> flushed = flush(outcome, source, media);
    // While draining, the BYE waits until the transcript is durable; otherwise it is sent at once.
    CompletionStage<?> terminated =
        outcome instanceof CallOutcome.Drained
            ? flushed
                .handle((done, failure) -> termination.terminate(before, outcome))
                .thenCompose(stage -> stage)
            : termination.terminate(before, outcome);
    return flushed
        .handle(
            (done, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "session {}: end of the source not confirmed: {}",
                    sessionId,
                    failure.toString());
              }
              return terminated;
            })
        .thenCompose(stage -> stage.handle((sent, notSent) -> null));
  }

  private static CompletionStage<?> flush(
      CallOutcome outcome, @Nullable SessionSource source, @Nullable CallMedia media) {
    if (source == null) {
      return CompletableFuture.completedStage(null);
    }
    try {
      if (media != null) {
        media.deliverSilence();
      }
      return source.end(outcome.word()).toCompletableFuture().orTimeout(FLUSH_TIMEOUT_S, SECONDS);
    } catch (RuntimeException e) {
      // An exception in the session must not leave the peer in a call that has ended.
      return CompletableFuture.failedStage(e);
    }
  }
}
