package org.linescribe.api.audiosessions;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.linescribe.api.WebSocketClose;

/**
 * What a client asks for when it creates a session, checked.
 *
 * @param userId at most 128 printable characters
 */
record SessionRequest(
    Optional<String> userId, AudioShape shape, String format, boolean transcribe) {
  private static final int MAX_USER_ID_CHARS = 128;

  static SessionRequest of(
      Function<String, Optional<String>> parameters, AudioSessionSettings settings)
      throws RefusedConnectionException {
    int rate =
        choice(
            parameters.apply("sample_rate").orElse("" + settings.defaultSampleRate()),
            AudioShape.SAMPLE_RATES_HZ,
            "Invalid sample rate");
    int channels =
        choice(
            parameters.apply("channels").orElse("" + settings.defaultChannels()),
            AudioShape.CHANNELS,
            "Invalid channels");
    String format =
        choice(
            parameters.apply("format").orElse(settings.defaultFormat()),
            AudioShape.FORMATS,
            "Invalid format");
    boolean transcribe =
        choice(
            parameters.apply("transcribe").orElse("" + settings.transcribe()),
            List.of(true, false),
            "Invalid transcribe");
    return new SessionRequest(
        userId(parameters), new AudioShape(rate, channels), format, transcribe);
  }

  static Optional<String> userId(Function<String, Optional<String>> parameters)
      throws RefusedConnectionException {
    Optional<String> userId = parameters.apply("user_id").filter(text -> !text.isEmpty());
    if (userId.isPresent()
        && (userId.get().length() > MAX_USER_ID_CHARS
            || userId.get().chars().anyMatch(Character::isISOControl))) {
      throw new RefusedConnectionException(
          Map.of("error", "Invalid user id", "max_length", MAX_USER_ID_CHARS),
          WebSocketClose.badRequest("Invalid user id"));
    }
    return userId;
  }

  private static <T> T choice(String text, List<T> valid, String error)
      throws RefusedConnectionException {
    for (T value : valid) {
      if (value.toString().equals(text)) {
        return value;
      }
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("error", error);
    body.put("valid_values", valid);
    throw new RefusedConnectionException(
        body, WebSocketClose.badRequest(error + " (valid: " + valid + ")"));
  }
}
