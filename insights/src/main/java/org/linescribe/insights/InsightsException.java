package org.linescribe.insights;

/** A step ran and failed. The message holds no transcript text and no secret. */
public final class InsightsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InsightsException(String message) {
    super(message);
  }

  public InsightsException(String message, Throwable cause) {
    super(message, cause);
  }
}
