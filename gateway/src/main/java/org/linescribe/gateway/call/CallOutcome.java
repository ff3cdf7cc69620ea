package org.linescribe.gateway.call;

import java.util.Locale;
import org.linescribe.session.SourceClosed;

/** How a call ended. */
public sealed interface CallOutcome {
  /** The word that is kept with the session and counted: bounded in number. */
  String word();

  /** The peer hung up. */
  record Completed() implements CallOutcome {
    @Override
    public String word() {
      return "bye";
    }
  }

  /** The peer gave up before the answer. */
  record Cancelled() implements CallOutcome {
    @Override
    public String word() {
      return "cancel";
    }
  }

  /** We did not take it. */
  record Rejected(int status) implements CallOutcome {
    @Override
    public String word() {
      return "rejected-" + status;
    }
  }

  /** The media stopped coming. */
  record RtpTimeout() implements CallOutcome {
    @Override
    public String word() {
      return "rtp-timeout";
    }
  }

  /** The peer did not acknowledge the answer. */
  record NoAck() implements CallOutcome {
    @Override
    public String word() {
      return "no-ack";
    }
  }

  /** The peer did not refresh its session timer. Source: RFC 4028 §10. */
  record Expired() implements CallOutcome {
    @Override
    public String word() {
      return "session-expired";
    }
  }

  /** The session went on without this call. */
  record Closed(SourceClosed reason) implements CallOutcome {
    @Override
    public String word() {
      return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** The gateway is shutting down. */
  record Drained() implements CallOutcome {
    @Override
    public String word() {
      return "draining";
    }
  }

  /** A fault of ours or of the network. */
  record Failed(String what) implements CallOutcome {
    @Override
    public String word() {
      return "failed";
    }
  }
}
