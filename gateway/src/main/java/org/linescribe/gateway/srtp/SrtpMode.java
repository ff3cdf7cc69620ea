package org.linescribe.gateway.srtp;

/** Whether calls may, or must, have encrypted media. */
public enum SrtpMode {
  /** An offer of SRTP only is refused. */
  OFF,
  /** As the peer offers. */
  ALLOWED,
  /** An offer without SRTP is refused. */
  REQUIRED
}
