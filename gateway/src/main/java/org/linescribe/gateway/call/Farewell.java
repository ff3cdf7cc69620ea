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
 * What the peer is told when we end a call: a final response before the answer, a BYE after it.
 *
 * <p>Thread: the call's event loop. Source: RFC 3261 §15, RFC 3326 for Reason.
 */
final class Farewell {
  private static final int MOST_S = 2;
  private static final int MOST_FOR_ACK_WHEN_DRAINED_S = 1;

  private final SipDialog dialog;
  private final SipTransaction invite;
  private final CallSettings settings;

  /** Since the answer: its ACK came, or comes no more. */
  private CompletableFuture<Void> acknowledged = CompletableFuture.completedFuture(null);

  Farewell(SipDialog dialog, SipTransaction invite, CallSettings settings) {
    this.dialog = dialog;
    this.invite = invite;
    this.settings = settings;
  }

  /** Our 200 is on its way. */
  void answered() {
    acknowledged =
        new CompletableFuture<Void>()
            .completeOnTimeout(null, settings.ackTimeout().toMillis(), MILLISECONDS);
  }

  /** Its ACK is there. */
  void acknowledged() {
    acknowledged.complete(null);
  }

  /**
   * Lets the peer know, by what its transaction or dialog still waits for.
   *
   * @param before the state that the call ended in
   * @return completes when it has answered, or after a time
   */
  CompletionStage<?> say(CallState before, CallOutcome outcome) {
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
        .orTimeout(MOST_S, SECONDS);
  }

  /**
   * Who was called says no BYE before the ACK, or before it is certain that none comes. Only a
   * gateway that goes down does not wait for that long.
   */
  private CompletionStage<Void> mayHangUp(CallOutcome outcome) {
    if (outcome instanceof CallOutcome.NoAck) {
      return CompletableFuture.completedStage(null);
    }
    return outcome instanceof CallOutcome.Drained
        ? acknowledged.copy().completeOnTimeout(null, MOST_FOR_ACK_WHEN_DRAINED_S, SECONDS)
        : acknowledged;
  }

  /** The Reason of our BYE; empty when the peer ended the call itself. */
  private static Optional<String> reason(CallOutcome outcome) {
    return switch (outcome) {
      case CallOutcome.Completed completed -> Optional.empty();
      case CallOutcome.Cancelled cancelled -> sip(487, "Request Terminated");
      case CallOutcome.Rejected rejected -> sip(rejected.status(), "Answer not acceptable");
      case CallOutcome.RtpTimeout timeout -> sip(408, "No media");
      case CallOutcome.NoAck noAck -> sip(408, "No ACK");
      case CallOutcome.Expired expired -> sip(408, "Session timer expired");
      case CallOutcome.Drained drained -> sip(503, "Shutting down");
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

  /** The final response to an INVITE that was not answered; empty when there was one already. */
  private static Optional<SipRefusal> refusal(CallOutcome outcome, Duration retryAfter) {
    return switch (outcome) {
      case CallOutcome.Rejected rejected -> Optional.empty();
      case CallOutcome.Completed completed -> Optional.of(SipRefusal.of(487, "Request Terminated"));
      case CallOutcome.Cancelled cancelled -> Optional.of(SipRefusal.of(487, "Request Terminated"));
      case CallOutcome.Drained drained ->
          Optional.of(SipRefusal.unavailable("Shutting down", retryAfter));
      case CallOutcome.Closed closed ->
          Optional.of(SipRefusal.unavailable("Session closed", retryAfter));
      case CallOutcome.RtpTimeout timeout -> Optional.of(SipRefusal.of(480, "No media"));
      case CallOutcome.NoAck noAck -> Optional.of(SipRefusal.of(480, "No ACK"));
      case CallOutcome.Expired expired -> Optional.of(SipRefusal.of(480, "Expired"));
      case CallOutcome.Failed failed -> Optional.of(SipRefusal.of(500, "Server Internal Error"));
    };
  }
}
