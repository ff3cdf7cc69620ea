package org.linescribe.gateway.sip;

/** The configured SIP address cannot be bound. The message names key, value and cause. */
public final class SipBindException extends Exception {
  private static final long serialVersionUID = 1L;

  SipBindException(String message) {
    super(message);
  }

  SipBindException(String message, Throwable cause) {
    super(message, cause);
  }
}
