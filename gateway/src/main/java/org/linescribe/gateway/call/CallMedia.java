package org.linescribe.gateway.call;

import java.util.Optional;
import org.linescribe.gateway.rtp.RtpSession;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.gateway.sdp.OfferAnswer;
import org.linescribe.gateway.sdp.SdpException;
import org.linescribe.gateway.sdp.SdpParser;
import org.linescribe.gateway.sip.SipRefusal;

/**
 * A call's offers, answers and the media session that follows them.
 *
 * <p>Thread: the call's event loop.
 */
final class CallMedia {
  private static final SipRefusal NOT_ACCEPTABLE =
      SipRefusal.warned(
          488,
          "Not Acceptable Here",
          304,
          "expected: audio over RTP/AVP with PCMU or PCMA at 8000 Hz");

  private final RtpSession rtp;
  private final OfferAnswer negotiation;
  private Optional<NegotiatedMedia> agreed = Optional.empty();
  private boolean ourOfferIsOpen;
  private boolean started;

  /** Thrown to refuse an offer, with the answer's code. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient SipRefusal refusal;

    Refused(SipRefusal refusal) {
      super(refusal.reason(), null, false, false);
      this.refusal = refusal;
    }

    SipRefusal refusal() {
      return refusal;
    }
  }

  CallMedia(RtpSession rtp, String address, long sessionNumber) {
    this.rtp = rtp;
    this.negotiation = new OfferAnswer(address, rtp.rtpPort(), sessionNumber);
  }

  /** Refuses what can never be taken before anything is spent on it. */
  static void check(byte[] offer) throws Refused {
    if (offer.length > 0) {
      negotiate(new OfferAnswer("127.0.0.1", 2, 0), offer);
    }
  }

  /**
   * The description for a 200.
   *
   * @param offer the peer's, empty when it wants ours
   */
  byte[] respond(byte[] offer) throws Refused {
    if (offer.length == 0) {
      ourOfferIsOpen = true;
      if (agreed.isEmpty()) {
        rtp.offered(OfferAnswer.OFFERED_TELEPHONE_EVENT);
      }
      return negotiation.offer();
    }
    OfferAnswer.Answer answer = negotiate(negotiation, offer);
    take(answer.media());
    return answer.text();
  }

  /** The body of an ACK: the answer to our offer, where one is open. */
  void acknowledged(byte[] body) throws Refused {
    if (!ourOfferIsOpen) {
      return;
    }
    ourOfferIsOpen = false;
    try {
      take(
          negotiation.accept(SdpParser.parse(body)).orElseThrow(() -> new Refused(NOT_ACCEPTABLE)));
    } catch (SdpException e) {
      throw new Refused(malformed(e));
    }
  }

  /** Whether an offer of ours waits for its answer: the peer may make none meanwhile. */
  boolean isOurOfferOpen() {
    return ourOfferIsOpen;
  }

  /** Begins the timeline: from now on the peer may speak. */
  void start() {
    if (!started) {
      started = true;
      rtp.start();
    }
  }

  boolean isHeld() {
    return agreed.isPresent() && agreed.get().isHeld();
  }

  /** The codec, once it is agreed on. */
  Optional<String> law() {
    return agreed.map(media -> media.law().name().toLowerCase(java.util.Locale.ROOT));
  }

  RtpSession rtp() {
    return rtp;
  }

  private void take(NegotiatedMedia media) {
    agreed = Optional.of(media);
    rtp.negotiated(media);
  }

  private static OfferAnswer.Answer negotiate(OfferAnswer negotiation, byte[] offer)
      throws Refused {
    try {
      return negotiation
          .answer(SdpParser.parse(offer))
          .orElseThrow(() -> new Refused(NOT_ACCEPTABLE));
    } catch (SdpException e) {
      throw new Refused(malformed(e));
    }
  }

  private static SipRefusal malformed(SdpException e) {
    return SipRefusal.warned(400, "Bad Session Description", 399, "SDP: " + e.getMessage());
  }
}
