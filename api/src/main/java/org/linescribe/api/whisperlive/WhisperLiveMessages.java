package org.linescribe.api.whisperlive;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.transcript.SpokenWord;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.databind.json.JsonMapper;

/**
 * WhisperLive's messages, each with the client's {@code uid}. What the model does not give is left
 * out.
 *
 * <p>Thread: any.
 */
record WhisperLiveMessages(JsonMapper json) {
  /** WhisperLive's own client keeps completed segments of this backend only. */
  private static final String BACKEND = "faster_whisper";

  /** A word; times in seconds, as text like those of segments. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Word(String word, String start, String end, @Nullable Double probability) {}

  /** A segment; times in seconds from the session's start. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Segment(
      String start, String end, String text, boolean completed, @Nullable List<Word> words) {}

  private record Segments(String uid, List<Segment> segments) {}

  private record Ready(String uid, String message, String backend) {}

  private record Language(String uid, String language) {}

  private record Disconnect(String uid, String message) {}

  private record Status(String uid, String status, Object message) {}

  static Segment open(TranscriptEvent.Partial partial) {
    return new Segment(
        seconds(partial.startMs()), seconds(partial.endMs()), partial.text(), false, null);
  }

  /**
   * @param words whether the client wants them; they are left out where the model gives no times
   */
  static Segment completed(org.linescribe.session.Segment segment, boolean words) {
    List<Word> timed =
        !words
            ? List.of()
            : SpokenWord.of(segment).stream()
                .map(
                    word ->
                        new Word(
                            word.text(),
                            seconds(word.startMs()),
                            seconds(word.endMs()),
                            Double.isNaN(word.confidence()) ? null : word.confidence()))
                .toList();
    return new Segment(
        seconds(segment.startMs()),
        seconds(segment.endMs()),
        segment.text(),
        true,
        timed.isEmpty() ? null : timed);
  }

  private static String seconds(long ms) {
    return String.format(Locale.ROOT, "%d.%03d", ms / 1000, ms % 1000);
  }

  String ready(String uid) {
    return json.writeValueAsString(new Ready(uid, "SERVER_READY", BACKEND));
  }

  String segments(String uid, List<Segment> segments) {
    return json.writeValueAsString(new Segments(uid, segments));
  }

  /** Without {@code language_prob}: no model here gives it. */
  String language(String uid, String language) {
    return json.writeValueAsString(new Language(uid, language));
  }

  /** The session is over before the client ended it. */
  String disconnect(String uid) {
    return json.writeValueAsString(new Disconnect(uid, "DISCONNECT"));
  }

  /** The server is full; minutes as WhisperLive tells them. */
  String await(String uid, Duration retryAfter) {
    return json.writeValueAsString(new Status(uid, "WAIT", retryAfter.toMillis() / 60_000.0));
  }

  String error(String uid, String words) {
    return json.writeValueAsString(new Status(uid, "ERROR", words));
  }
}
