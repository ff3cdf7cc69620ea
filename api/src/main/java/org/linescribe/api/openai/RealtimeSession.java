package org.linescribe.api.openai;

import java.time.Duration;
import java.util.Optional;
import org.linescribe.api.audio.AudioFormat;
import org.linescribe.asr.StreamOptions;
import tools.jackson.databind.JsonNode;

/**
 * The configuration of a transcription session.
 *
 * @param detectsTurns whether an utterance that ends is an item; else what was said between two
 *     commits is
 * @param model as the client names it; one of OpenAI's is ignored
 * @param silence that ends an utterance
 */
record RealtimeSession(
    AudioFormat format,
    boolean detectsTurns,
    Duration silence,
    Optional<String> model,
    Optional<String> language) {
  private static final int PCM_RATE_HZ = 24_000;

  /**
   * @param model of the client's address
   */
  static RealtimeSession initial(Optional<String> model) {
    return new RealtimeSession(
        new AudioFormat(AudioFormat.Encoding.PCM16, PCM_RATE_HZ, 1),
        true,
        StreamOptions.DEFAULT_ENDPOINT_SILENCE,
        model,
        Optional.empty());
  }

  /**
   * As an update changes it: {@code session.update}, and {@code transcription_session.update} of
   * the protocol before 2025-08.
   *
   * @throws IllegalArgumentException with the name of the field and what is expected
   */
  RealtimeSession updated(JsonNode session) {
    if (session.path("type").asString("transcription").equals("realtime")) {
      throw new IllegalArgumentException(
          "session.type: this server has transcription sessions only");
    }
    JsonNode input = session.at("/audio/input");
    JsonNode before = session;
    JsonNode turns =
        input.has("turn_detection") ? input.get("turn_detection") : before.path("turn_detection");
    JsonNode transcription =
        input.has("transcription")
            ? input.get("transcription")
            : before.path("input_audio_transcription");
    boolean detects = turns.isMissingNode() ? detectsTurns : !turns.isNull();
    Duration pause =
        turns.has("silence_duration_ms")
            ? Duration.ofMillis(Math.clamp(turns.get("silence_duration_ms").asLong(0), 100, 10_000))
            : silence;
    String tag = transcription.path("language").asString("");
    String name = transcription.path("model").asString("");
    return new RealtimeSession(
        format(input.path("format"), before.path("input_audio_format")),
        detects,
        pause,
        name.isEmpty() ? model : Optional.of(name),
        tag.isEmpty() ? language : Optional.of(tag));
  }

  private AudioFormat format(JsonNode now, JsonNode before) {
    String name =
        now.isObject() ? now.path("type").asString("") : now.asString(before.asString(""));
    if (name.isEmpty()) {
      return format;
    }
    AudioFormat.Encoding encoding =
        AudioFormat.encoding(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "format: expected audio/pcm, audio/pcmu or audio/pcma"));
    boolean law = encoding != AudioFormat.Encoding.PCM16;
    return new AudioFormat(encoding, law ? 8000 : now.path("rate").asInt(PCM_RATE_HZ), 1);
  }
}
