package org.linescribe.session.encryption;

import java.io.IOException;

/** An encrypted file is not as it was written: changed, cut off, or of another key. */
public final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  public DamagedFileException(String message) {
    super(message);
  }
}
