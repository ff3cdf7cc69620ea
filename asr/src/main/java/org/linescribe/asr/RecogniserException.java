package org.linescribe.asr;

/** A recogniser could not be made, or one of its streams failed. Ends its own stream only. */
public class RecogniserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RecogniserException(String message) {
    super(message);
  }

  public RecogniserException(String message, Throwable cause) {
    super(message, cause);
  }
}
