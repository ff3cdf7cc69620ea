package org.linescribe.gateway.call;

import java.net.InetAddress;
import java.util.Optional;
import org.linescribe.gateway.rtp.RtpSession;
import org.linescribe.gateway.sdp.NegotiatedMedia;

/**
 * A stream, its audio's way to its leg, and what was negotiated for it.
 *
 * <p>Thread: the call's event loop.
 */
final class CallStream {
  final CallMediaListener listener;
  final RtpSession rtp;
  private boolean started;
  private Optional<NegotiatedMedia> agreed = Optional.empty();

  CallStream(CallMediaListener listener, RtpSession rtp) {
    this.listener = listener;
    this.rtp = rtp;
  }

  /** Releases the ports of one that does not join the call after all. */
  void close() {
    rtp.close();
  }

  /** Starts its timeline, once; the peer may send media from now on. */
  void start(InetAddress signalling) {
    if (!started) {
      started = true;
      rtp.start(signalling);
    }
  }

  Optional<NegotiatedMedia> agreed() {
    return agreed;
  }

  void apply(Optional<NegotiatedMedia> media) {
    // A stream that is offered no longer stays on the timeline as silence.
    agreed = media.or(() -> agreed.map(NegotiatedMedia::inactive));
    agreed.ifPresent(rtp::negotiated);
    agreed.ifPresent(now -> listener.keysAreTones(now.telephoneEvent().isEmpty()));
  }
}
