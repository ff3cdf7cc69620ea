package org.linescribe.api.files;

/** A file cannot be processed; the message is for its client. */
final class FileFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  FileFailedException(String message) {
    super(message);
  }

  FileFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
