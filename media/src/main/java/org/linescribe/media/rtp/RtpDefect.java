package org.linescribe.media.rtp;

/** What is wrong with bytes that came on an RTP port. Count them, drop the datagram. */
public enum RtpDefect {
  /** Nothing: the packet may be used. */
  NONE,
  /** Fewer bytes than the fixed header. */
  TOO_SHORT,
  /** A version other than 2; STUN, DTLS and noise end here. */
  BAD_VERSION,
  /** The second byte is an RTCP packet type (192..223). Source: RFC 5761 §4. */
  RTCP,
  /** The CSRC list goes beyond the end. */
  CSRC_BEYOND_END,
  /** The header extension goes beyond the end. */
  EXTENSION_BEYOND_END,
  /** The padding count is 0 or more than there is after the header. */
  BAD_PADDING
}
