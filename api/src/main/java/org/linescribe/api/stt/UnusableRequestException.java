package org.linescribe.api.stt;

/** A client asks for what this node does not offer; the message names what it does offer. */
final class UnusableRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusableRequestException(String message) {
    super(message);
  }

  String words() {
    return String.valueOf(getMessage());
  }
}
