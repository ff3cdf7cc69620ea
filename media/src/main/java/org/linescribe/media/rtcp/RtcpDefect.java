package org.linescribe.media.rtcp;

/** What is wrong with bytes that came on an RTCP port. Count them, drop the datagram. */
public enum RtcpDefect {
  /** Nothing: the packets may be used. */
  NONE,
  /** Fewer bytes than one packet's head, or no bytes left where a head must be. */
  TOO_SHORT,
  /** A version other than 2. */
  BAD_VERSION,
  /** A packet type outside 192..223. */
  NOT_RTCP,
  /** The first packet is no sender or receiver report. Source: RFC 3550 §A.2. */
  BAD_FIRST_PACKET,
  /** A packet's length goes beyond the end. */
  LENGTH_BEYOND_END,
  /** Padding in a packet that is not the last, or a count that is impossible. */
  BAD_PADDING,
  /** A packet is shorter than its own counts or text lengths say. */
  BODY_TOO_SHORT
}
