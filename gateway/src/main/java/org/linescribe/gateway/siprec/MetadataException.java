package org.linescribe.gateway.siprec;

/** Not recording metadata, or too large. The message never holds text of the peer. */
public final class MetadataException extends Exception {
  private static final long serialVersionUID = 1L;

  MetadataException(String message) {
    super(message);
  }
}
