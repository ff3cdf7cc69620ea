package org.linescribe.gateway.rtp;

/** No media port is available; maps to 503. */
public final class RtpException extends Exception {
  private static final long serialVersionUID = 1L;

  RtpException(String message) {
    super(message);
  }
}
