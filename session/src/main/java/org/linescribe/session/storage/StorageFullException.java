package org.linescribe.session.storage;

import java.io.IOException;

/** The disk or a bound on it leaves no space for another session or recording. */
public final class StorageFullException extends IOException {
  private static final long serialVersionUID = 1L;

  StorageFullException(String message) {
    super(message);
  }
}
