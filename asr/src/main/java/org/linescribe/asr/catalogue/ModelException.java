package org.linescribe.asr.catalogue;

import java.io.IOException;

/**
 * A model's file is missing, unsound or not what it should be; the message names file and fault.
 */
public class ModelException extends IOException {
  private static final long serialVersionUID = 1L;

  public ModelException(String message) {
    super(message);
  }

  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
