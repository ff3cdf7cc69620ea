package org.linescribe.api.audiosessions;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** A session's state, in the document's words. */
enum SessionStatus {
  ACTIVE,
  COMPLETED,
  ERROR;

  @JsonValue
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
