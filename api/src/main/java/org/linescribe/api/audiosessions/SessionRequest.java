package org.linescribe.api.audiosessions;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.linescribe.api.audio.RecognitionParameters;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.recordings.AudioShape;

/**
 * What a client asks for when it creates a session, checked.
 *
 * @param owner name of the client's API key, empty where none is required
 * @param recognition the model and the language of its transcript
 * @param userId at most 128 printable characters
 */
record SessionRequest(
    Optional<String> owner,
    Optional<String> userId,
    AudioShape shape,
    String format,
    boolean transcribe,
    RecognitionRequest recognition) {
  static final List<Integer> SAMPLE_RATES_HZ = List.of(8000, 16000, 22050, 44100, 48000, 96000);
  static final List<Integer> CHANNELS = List.of(1, 2);
  static final List<String> FORMATS = List.of("wav", "mp3", "flac", "aac");
  private static final int MAX_USER_ID_CHARS = 128;

  static SessionRequest of(
      Optional<String> owner,
      Function<String, Optional<String>> parameters,
      AudioSessionSettings settings)
      throws RefusedConnectionException {
    int rate =
        choice(
            parameters.apply("sample_rate").orElse("" + settings.defaultSampleRate()),
            SAMPLE_RATES_HZ,
            "Invalid sample rate");
    int channels =
        choice(
            parameters.apply("channels").orElse("" + settings.defaultChannels()),
            CHANNELS,
            "Invalid channels");
    String format =
        choice(
            parameters.apply("format").orElse(settings.defaultFormat()), FORMATS, "Invalid format");
    boolean transcribe =
        choice(
            parameters.apply("transcribe").orElse("" + settings.transcribe()),
            List.of(true, false),
            "Invalid transcribe");
    return new SessionRequest(
        owner,
        userId(parameters),
        new AudioShape(rate, channels),
        format,
        transcribe,
        RecognitionParameters.of(parameters));
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
