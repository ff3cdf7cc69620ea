package org.linescribe.api.openai;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.AudioFormat;
import org.linescribe.session.SessionId;
import tools.jackson.databind.json.JsonMapper;

/**
 * Events of a transcription session.
 *
 * <p>Thread: any.
 *
 * @param beta whether the client speaks the protocol as it was before 2025-08
 */
record RealtimeMessages(JsonMapper json, SessionId id, boolean beta) {
  /** The members that every event has; others follow in the order in which they are put. */
  private static Map<String, Object> event(String type) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("type", type);
    event.put("event_id", "event_" + UUID.randomUUID().toString().replace("-", ""));
    return event;
  }

  private Map<String, Object> itemEvent(String type, long seq) {
    Map<String, Object> event = event(type);
    event.put("item_id", item(seq));
    return event;
  }

  /** Of the text of an item, which has one part. */
  private Map<String, Object> transcription(String what, long seq) {
    Map<String, Object> event =
        itemEvent("conversation.item.input_audio_transcription." + what, seq);
    event.put("content_index", 0);
    return event;
  }

  /** An utterance's item: it has the number that its final has. */
  String item(long seq) {
    return "item_" + id + "_" + seq;
  }

  String session(boolean created, RealtimeSession session) {
    String verb = created ? "created" : "updated";
    Map<String, Object> event = event((beta ? "transcription_session." : "session.") + verb);
    event.put("session", beta ? betaSession(session) : session(session));
    return write(event);
  }

  private Map<String, Object> session(RealtimeSession session) {
    Map<String, Object> input = new LinkedHashMap<>();
    AudioFormat format = session.format();
    input.put(
        "format",
        format.encoding() == AudioFormat.Encoding.PCM16
            ? Map.of("type", "audio/pcm", "rate", format.sampleRateHz())
            : Map.of("type", "audio/" + format.encoding().name().toLowerCase(Locale.ROOT)));
    session.language().ifPresent(tag -> input.put("transcription", Map.of("language", tag)));
    input.put("turn_detection", turnDetection(session));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", id.value());
    body.put("object", "realtime.transcription_session");
    body.put("type", "transcription");
    body.put("audio", Map.of("input", input));
    return body;
  }

  private Map<String, Object> betaSession(RealtimeSession session) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", id.value());
    body.put("object", "realtime.transcription_session");
    body.put(
        "input_audio_format",
        switch (session.format().encoding()) {
          case PCMU -> "g711_ulaw";
          case PCMA -> "g711_alaw";
          case PCM16, FLOAT32, CONTAINER -> "pcm16";
        });
    body.put("turn_detection", turnDetection(session));
    return body;
  }

  private static @Nullable Object turnDetection(RealtimeSession session) {
    return session.detectsTurns()
        ? Map.of("type", "server_vad", "silence_duration_ms", session.silence().toMillis())
        : null;
  }

  String speechStarted(long seq, long atMs) {
    Map<String, Object> event = itemEvent("input_audio_buffer.speech_started", seq);
    event.put("audio_start_ms", atMs);
    return write(event);
  }

  String speechStopped(long seq, long atMs) {
    Map<String, Object> event = itemEvent("input_audio_buffer.speech_stopped", seq);
    event.put("audio_end_ms", atMs);
    return write(event);
  }

  String committed(long seq, @Nullable String previous) {
    Map<String, Object> event = itemEvent("input_audio_buffer.committed", seq);
    if (previous != null) {
      event.put("previous_item_id", previous);
    }
    return write(event);
  }

  String delta(long seq, String delta) {
    Map<String, Object> event = transcription("delta", seq);
    event.put("delta", delta);
    return write(event);
  }

  String completed(long seq, String transcript, double seconds) {
    Map<String, Object> event = transcription("completed", seq);
    event.put("transcript", transcript);
    event.put("usage", TranscriptionBody.Usage.ofDuration(seconds));
    return write(event);
  }

  String error(OpenAiError error) {
    Map<String, Object> event = event("error");
    event.put("error", error);
    return write(event);
  }

  private String write(Map<String, Object> event) {
    return json.writeValueAsString(event);
  }
}
