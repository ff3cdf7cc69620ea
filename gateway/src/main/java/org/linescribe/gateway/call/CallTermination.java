package org.linescribe.gateway.call;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipTransaction;
import org.linescribe.session.SourceClosed;

/**
 * Ends a call towards the peer: with a final response before the answer, with a BYE after it.
 *
 * <p>Thread: the call's event loop. Source: RFC 3261 §15, RFC 3326 for Reason.
 */
final class CallTermination {
  private static final int BYE_TIMEOUT_S = 2;
  private static final int ACK_TIMEOUT_WHEN_DRAINED_S = 1;

  private final SipDialog dialog;
  private final SipTransaction invite;
  private final CallSettings settings;

  /** Completes when the ACK to our 200 arrived or is overdue. */
  private CompletableFuture<Void> acknowledged = CompletableFuture.completedFuture(null);

  CallTermination(SipDialog dialog, SipTransaction invite, CallSettings settings) {
    this.dialog = dialog;
    this.invite = invite;
    this.settings = settings;
  }

  /** The 200 was sent. */
  void answered() {
    acknowledged =
        new CompletableFuture<Void>()
            .completeOnTimeout(null, settings.ackTimeout().toMillis(), MILLISECONDS);
  }

  /** The ACK arrived. */
  void acknowledged() {
    acknowledged.complete(null);
  }

  /**
   * Sends the final response or the BYE.
   *
   * @param before the state that the call ended in
   * @return completes when the peer has answered, or on timeout
   */
  CompletionStage<?> terminate(CallState before, CallOutcome outcome) {
    if (!before.isAnswered()) {
      refusal(outcome, settings.retryAfter()).ifPresent(invite::reject);
      return CompletableFuture.completedStage(null);
    }
    Optional<String> reason = reason(outcome);
    if (reason.isEmpty()) {
      return CompletableFuture.completedStage(null);
    }
    return mayHangUp(outcome)
        .thenCompose(yes -> dialog.bye(reason.get()))
        .toCompletableFuture()
        .copy()
        .orTimeout(BYE_TIMEOUT_S, SECONDS);
  }

  /**
   * RFC 3261 §15: the callee sends no BYE before the ACK, or before the ACK has timed out. Only a
   * draining gateway waits less.
   */
  private CompletionStage<Void> mayHangUp(CallOutcome outcome) {
    if (outcome instanceof CallOutcome.NoAck) {
      return CompletableFuture.completedStage(null);
    }
    return outcome instanceof CallOutcome.Drained
        ? acknowledged.copy().completeOnTimeout(null, ACK_TIMEOUT_WHEN_DRAINED_S, SECONDS)
        : acknowledged;
  }

  /** The Reason header of our BYE; empty when the peer ended the call. */
  private static Optional<String> reason(CallOutcome outcome) {
    return switch (outcome) {
      case CallOutcome.Completed completed -> Optional.empty();
      case CallOutcome.Cancelled cancelled -> sip(487, "Request Terminated");
      case CallOutcome.Rejected rejected -> sip(rejected.status(), "Answer not acceptable");
      case CallOutcome.RtpTimeout timeout -> sip(408, "No media");
      case CallOutcome.NoAck noAck -> sip(408, "No ACK");
      case CallOutcome.Expired expired -> sip(408, "Session timer expired");
      case CallOutcome.PeerLost lost -> sip(408, "No answer in the dialog");
      case CallOutcome.Drained drained -> sip(503, "Shutting down");
      case CallOutcome.HungUp hungUp -> sip(200, "Ended by an operator");
      case CallOutcome.Failed failed -> sip(500, "Internal error");
      case CallOutcome.Closed closed -> closed(closed.reason());
    };
  }

  private static Optional<String> closed(SourceClosed reason) {
    return switch (reason) {
      case SUPERSEDED -> sip(486, "Superseded by a newer source of the session");
      case IDLE -> sip(408, "No audio");
      case TOO_LONG -> sip(480, "Session too long");
      case DRAINING -> sip(503, "Shutting down");
      case FAILED -> sip(500, "Recogniser failed");
    };
  }

  private static Optional<String> sip(int cause, String text) {
    return Optional.of("SIP;cause=" + cause + ";text=\"" + text + "\"");
  }

  /** The final response to an unanswered INVITE; empty when one was sent already. */
  private static Optional<SipRefusal> refusal(CallOutcome outcome, Duration retryAfter) {
    return switch (outcome) {
      case CallOutcome.Rejected rejected -> Optional.empty();
      case CallOutcome.Completed completed -> Optional.of(SipRefusal.of(487, "Request Terminated"));
      case CallOutcome.Cancelled cancelled -> Optional.of(SipRefusal.of(487, "Request Terminated"));
      case CallOutcome.Drained drained ->
          Optional.of(SipRefusal.unavailable("Shutting down", retryAfter));
      case CallOutcome.Closed closed ->
          Optional.of(SipRefusal.unavailable("Session closed", retryAfter));
      case CallOutcome.HungUp hungUp -> Optional.of(SipRefusal.of(480, "Ended by an operator"));
      case CallOutcome.RtpTimeout timeout -> Optional.of(SipRefusal.of(480, "No media"));
      case CallOutcome.NoAck noAck -> Optional.of(SipRefusal.of(480, "No ACK"));
      case CallOutcome.Expired expired -> Optional.of(SipRefusal.of(480, "Expired"));
      case CallOutcome.PeerLost lost -> Optional.of(SipRefusal.of(480, "Peer lost"));
      case CallOutcome.Failed failed -> Optional.of(SipRefusal.of(500, "Server Internal Error"));
    };
  }
}
