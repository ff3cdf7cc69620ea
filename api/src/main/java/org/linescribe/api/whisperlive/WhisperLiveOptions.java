package org.linescribe.api.whisperlive;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.linescribe.api.audio.AudioFormat;
import org.linescribe.api.audio.RecognitionParameters;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import tools.jackson.databind.JsonNode;

/**
 * The first message of a client.
 *
 * @param sessionId {@code session_id} of the query, else {@code uid}
 * @param request with the model of the query, which must be one of this node
 * @param model of the message: any other name than this node's is a size of WhisperLive's
 * @param lastSegments how many completed segments a message has, 1 to {@link #MAX_SEGMENTS}
 */
record WhisperLiveOptions(
    SessionId sessionId,
    AudioFormat format,
    RecognitionRequest request,
    Optional<String> model,
    int lastSegments,
    boolean words) {
  /** WhisperLive takes no other. */
  private static final int RATE_HZ = 16_000;

  private static final int DEFAULT_SEGMENTS = 10;
  static final int MAX_SEGMENTS = 100;

  /** What is not offered, whichever true or filled value it has. */
  private static final List<String> NOT_OFFERED =
      List.of("enable_translation", "enable_diarization", "known_speakers");

  /**
   * @param query the upgrade's parameters, as WhisperLive's client knows no session
   * @throws IllegalArgumentException with the option that cannot be met
   */
  static WhisperLiveOptions of(JsonNode options, Function<String, Optional<String>> query) {
    Optional<String> session = query.apply("session_id");
    String id = session.orElseGet(() -> options.path("uid").asString(""));
    if (!SessionId.isValid(id)) {
      throw new IllegalArgumentException(
          (session.isPresent() ? "session_id" : "uid") + ": expected " + SessionId.SYNTAX);
    }
    for (String option : NOT_OFFERED) {
      JsonNode value = options.path(option);
      if (value.asBoolean(false) || value.isArray() && !value.isEmpty()) {
        throw new IllegalArgumentException(option + ": not offered by this server");
      }
    }
    if (!options.path("task").asString("transcribe").equals("transcribe")) {
      throw new IllegalArgumentException("task: expected transcribe");
    }
    int last = options.path("send_last_n_segments").asInt(DEFAULT_SEGMENTS);
    return new WhisperLiveOptions(
        new SessionId(id),
        new AudioFormat(encoding(options.path("audio_format").asString("float32")), RATE_HZ, 1),
        RecognitionParameters.of(name -> query.apply(name).or(() -> text(options, name)))
            .withModel(query.apply("model")),
        text(options, "model"),
        Math.clamp(last, 1, MAX_SEGMENTS),
        options.path("word_timestamps").asBoolean(false));
  }

  private static Optional<String> text(JsonNode options, String name) {
    return Optional.of(options.path(name)).filter(JsonNode::isString).map(JsonNode::asString);
  }

  private static AudioFormat.Encoding encoding(String name) {
    return switch (name) {
      case "float32" -> AudioFormat.Encoding.FLOAT32;
      case "int16" -> AudioFormat.Encoding.PCM16;
      default -> throw new IllegalArgumentException("audio_format: expected float32 or int16");
    };
  }
}
