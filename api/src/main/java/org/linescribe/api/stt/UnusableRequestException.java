package org.linescribe.api.stt;

/** A client asks for what cannot be given; the message tells its developer what can. */
final class UnusableRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusableRequestException(String message) {
    super(message);
  }

  String words() {
    return String.valueOf(getMessage());
  }
}
