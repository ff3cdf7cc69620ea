package org.linescribe.session.encryption;

import java.io.IOException;

/** A file is encrypted with a key that the settings do not have. Nothing of it is lost by that. */
public final class KeyUnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String keyId;

  KeyUnavailableException(String keyId) {
    super("its key " + keyId + " is not among those of linescribe.recording.encryption");
    this.keyId = keyId;
  }

  /** 16 hexadecimal digits; no secret. */
  public String keyId() {
    return keyId;
  }
}
