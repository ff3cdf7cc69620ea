package org.linescribe.gateway.sip;

/** SIP cannot listen where the settings say. The message names the key, its value and the fault. */
public final class SipBindException extends Exception {
  private static final long serialVersionUID = 1L;

  SipBindException(String message, Throwable cause) {
    super(message, cause);
  }
}
