package org.linescribe.gateway.call;

import java.util.List;
import java.util.Optional;
import org.linescribe.gateway.sdp.MediaDescription;
import org.linescribe.gateway.sdp.MediaPolicy;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.gateway.sdp.OfferAnswer;
import org.linescribe.gateway.sdp.SdpException;
import org.linescribe.gateway.sdp.SdpParser;
import org.linescribe.gateway.sdp.SessionDescription;
import org.linescribe.gateway.sip.SipRefusal;

/** Which offers are taken, and what the others are refused with. Thread: any. */
final class Offers {
  private static final SipRefusal NOT_ACCEPTABLE =
      SipRefusal.warned(
          488, "Not Acceptable Here", 304, "expected: audio with PCMU, PCMA, G722 or opus");

  private static final SipRefusal NOT_PROTECTED =
      SipRefusal.warned(
          488, "Not Acceptable Here", 399, "expected: SRTP by a=crypto or a=fingerprint");

  private static final SipRefusal PROTECTED =
      SipRefusal.warned(488, "Not Acceptable Here", 399, "expected: audio over RTP/AVP");

  private static final SipRefusal NO_CONNECTION =
      SipRefusal.warned(488, "Not Acceptable Here", 399, "SDP: no c= line (expected: one)");

  private Offers() {}

  /**
   * Rejects an unusable offer before any port or session is allocated.
   *
   * @return how many streams the call has
   */
  static int check(byte[] offer, MediaPolicy policy) throws OfferRefusedException {
    if (offer.length > 0) {
      answer(new OfferAnswer("127.0.0.1", 2, 0, policy), offer, policy);
    }
    return 1;
  }

  /** The streams of an offer that a recording takes, the first {@code most} of them. */
  static List<MediaDescription> checkRecording(byte[] offer, int most, MediaPolicy policy)
      throws OfferRefusedException {
    try {
      SessionDescription description = SdpParser.parse(offer);
      List<MediaDescription> streams = OfferAnswer.recordable(description, policy);
      if (streams.isEmpty()) {
        throw new OfferRefusedException(refusal(description, policy));
      }
      return streams.subList(0, Math.min(most, streams.size()));
    } catch (SdpException e) {
      throw new OfferRefusedException(malformed(e));
    }
  }

  /** Answers an offer. */
  static OfferAnswer.NegotiatedAnswer answer(
      OfferAnswer negotiation, byte[] offer, MediaPolicy policy) throws OfferRefusedException {
    try {
      SessionDescription description = SdpParser.parse(offer);
      return negotiation
          .answer(description)
          .orElseThrow(
              () ->
                  new OfferRefusedException(
                      description.lacksConnection()
                          ? NO_CONNECTION
                          : refusal(description, policy)));
    } catch (SdpException e) {
      throw new OfferRefusedException(malformed(e));
    }
  }

  /** The media that an answer to our offer agrees on, by our port. */
  static List<Optional<NegotiatedMedia>> agreed(OfferAnswer negotiation, byte[] answer)
      throws OfferRefusedException {
    try {
      List<Optional<NegotiatedMedia>> agreed = negotiation.applyAnswer(SdpParser.parse(answer));
      if (agreed.isEmpty()) {
        throw new OfferRefusedException(NOT_ACCEPTABLE);
      }
      return agreed;
    } catch (SdpException e) {
      throw new OfferRefusedException(malformed(e));
    }
  }

  private static SipRefusal refusal(SessionDescription offer, MediaPolicy policy) {
    boolean isProtected =
        offer.media().stream().anyMatch(stream -> stream.protocol().contains("SAVP"));
    return switch (policy.mode()) {
      case OFF -> isProtected ? PROTECTED : NOT_ACCEPTABLE;
      case ALLOWED -> isProtected ? NOT_PROTECTED : NOT_ACCEPTABLE;
      case REQUIRED -> NOT_PROTECTED;
    };
  }

  private static SipRefusal malformed(SdpException e) {
    return SipRefusal.warned(400, "Bad Session Description", 399, "SDP: " + e.getMessage());
  }
}
