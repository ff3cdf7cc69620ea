package org.linescribe.gateway.rtp;

/** No media ports can be had now: 503. */
public final class RtpException extends Exception {
  private static final long serialVersionUID = 1L;

  RtpException(String message) {
    super(message);
  }
}
