package org.linescribe.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What OpenAI's clients read of an error.
 *
 * @param param the request's field, null where it is none's
 * @param eventId of the client's event, null over HTTP and where it has none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record OpenAiError(
    String type,
    @Nullable String code,
    String message,
    @Nullable String param,
    @Nullable String eventId) {
  /** The body of an answer, and of an event in a stream. */
  record Body(OpenAiError error) {}

  static OpenAiError invalid(String message, @Nullable String param, @Nullable String eventId) {
    return new OpenAiError("invalid_request_error", null, message, param, eventId);
  }

  static OpenAiError server(String message) {
    return new OpenAiError("server_error", null, message, null, null);
  }
}
