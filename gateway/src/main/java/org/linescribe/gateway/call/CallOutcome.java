package org.linescribe.gateway.call;

import java.util.Locale;
import org.linescribe.session.SourceClosed;

/** Why a call ended. */
public sealed interface CallOutcome {
  /** The value kept with the session and used as a metric tag; bounded in number. */
  default String word() {
    return switch (this) {
      case Completed completed -> "bye";
      case Cancelled cancelled -> "cancel";
      case Rejected rejected -> "rejected-" + rejected.status();
      case RtpTimeout timeout -> "rtp-timeout";
      case NoAck noAck -> "no-ack";
      case Expired expired -> "session-expired";
      case PeerLost lost -> "peer-lost";
      case Closed closed when closed.reason() == SourceClosed.FAILED -> "recogniser-failed";
      case Closed closed -> closed.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
      case Drained drained -> "draining";
      case HungUp hungUp -> "hangup";
      case Failed failed -> "failed";
    };
  }

  /** The peer hung up. */
  record Completed() implements CallOutcome {}

  /** The peer cancelled before the answer. */
  record Cancelled() implements CallOutcome {}

  /** We refused the call. */
  record Rejected(int status) implements CallOutcome {}

  /** No valid RTP packet arrived within the timeout. */
  record RtpTimeout() implements CallOutcome {}

  /** The peer did not acknowledge the answer. */
  record NoAck() implements CallOutcome {}

  /** The peer did not refresh its session timer. Source: RFC 4028 §10. */
  record Expired() implements CallOutcome {}

  /** The peer was gone before the answer, or did not answer in the dialog when it was silent. */
  record PeerLost() implements CallOutcome {}

  /** The session closed this source. */
  record Closed(SourceClosed reason) implements CallOutcome {}

  /** The gateway is shutting down. */
  record Drained() implements CallOutcome {}

  /** An operator ended the call. */
  record HungUp() implements CallOutcome {}

  /** A bug of ours. */
  record Failed(String what) implements CallOutcome {}
}
