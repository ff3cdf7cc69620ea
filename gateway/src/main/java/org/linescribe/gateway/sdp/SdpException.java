package org.linescribe.gateway.sdp;

/** Not a session description, or too large. The message names the line, never its text. */
public final class SdpException extends Exception {
  private static final long serialVersionUID = 1L;

  SdpException(String message) {
    super(message);
  }
}
