package org.linescribe.gateway.sdp;

/** A session description that is none, or too large. The message names the line, not its text. */
public final class SdpException extends Exception {
  private static final long serialVersionUID = 1L;

  SdpException(String message) {
    super(message);
  }
}
