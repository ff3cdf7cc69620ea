package org.linescribe.gateway.call;

import java.time.Duration;
import java.util.Optional;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.session.SourceClosed;

/** What the peer is told when we end a call. Source: RFC 3326 for Reason. */
final class Farewell {
  private Farewell() {}

  /** The Reason of our BYE; empty when the peer ended the call itself. */
  static Optional<String> reason(CallOutcome outcome) {
    return switch (outcome) {
      case CallOutcome.Completed completed -> Optional.empty();
      case CallOutcome.Cancelled cancelled -> sip(487, "Request Terminated");
      case CallOutcome.Rejected rejected -> sip(rejected.status(), "Not Acceptable Here");
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
  static Optional<SipRefusal> refusal(CallOutcome outcome, Duration retryAfter) {
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
