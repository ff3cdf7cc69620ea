package org.linescribe.api.stt;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.databind.json.JsonMapper;

/**
 * The API's messages. The documented members come first and in the documented format: a
 * transcription's timestamp is ISO 8601 (with microseconds and an offset, which Python's {@code
 * fromisoformat} and JavaScript's {@code Date} both read), an error's is seconds since 1970.
 *
 * <p>Thread: any.
 */
record SttMessages(JsonMapper json, Clock clock) {
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);

  /**
   * @param resumed whether the session had a source before
   * @param nextSeq number that the first final will get
   * @param warning where the session is not what was asked for
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record SessionStarted(
      String type,
      String sessionId,
      String language,
      String provider,
      int sampleRate,
      int chunkSize,
      boolean resumed,
      long nextSeq,
      @Nullable String warning) {}

  /**
   * @param confidence mean probability of the tokens, left out where the recogniser gives none
   * @param timestamp when it was recognised
   * @param startMs from the session's start, as {@code endMs}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Transcription(
      String type,
      String text,
      boolean isFinal,
      @Nullable Double confidence,
      String language,
      String timestamp,
      long seq,
      long startMs,
      long endMs) {}

  private record ErrorBody(String type, String error, BigDecimal timestamp) {}

  private record Finalized(String type, String sessionId, long nextSeq) {}

  private record KeptAlive(String type, String timestamp) {}

  private record SessionEnded(String type, String sessionId, long nextSeq, String timestamp) {}

  String sessionStarted(SttSession session, boolean resumed, long nextSeq) {
    return write(
        new SessionStarted(
            "session_started",
            session.id().value(),
            session.choice().language(),
            session.choice().provider(),
            session.request().sampleRateHz(),
            session.request().chunkBytes(),
            resumed,
            nextSeq,
            warning(session.choice().warnings())));
  }

  static @Nullable String warning(List<String> warnings) {
    return warnings.isEmpty() ? null : String.join("; ", warnings);
  }

  Transcription transcription(TranscriptEvent.Partial partial, String language) {
    return new Transcription(
        "transcription",
        partial.text(),
        false,
        known(partial.confidence()),
        language,
        iso(clock.instant()),
        partial.seq(),
        partial.startMs(),
        partial.endMs());
  }

  Transcription transcription(Segment segment, String language) {
    return new Transcription(
        "transcription",
        segment.text(),
        true,
        confidence(segment.tokens()),
        language,
        iso(segment.createdAt()),
        segment.seq(),
        segment.startMs(),
        segment.endMs());
  }

  String error(String words) {
    Instant now = clock.instant();
    // A double would be written as 1.758305652384E9.
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
    return write(new ErrorBody("error", words, BigDecimal.valueOf(micros, 6)));
  }

  String finalized(SessionId id, long nextSeq) {
    return write(new Finalized("finalized", id.value(), nextSeq));
  }

  String keptAlive() {
    return write(new KeptAlive("keepalive", now()));
  }

  String sessionEnded(SessionId id, long nextSeq) {
    return write(new SessionEnded("session_ended", id.value(), nextSeq, now()));
  }

  String now() {
    return iso(clock.instant());
  }

  String write(Object message) {
    return json.writeValueAsString(message);
  }

  static @Nullable Double confidence(List<Token> tokens) {
    return known(
        tokens.stream()
            .mapToDouble(Token::probability)
            .filter(probability -> !Double.isNaN(probability))
            .average()
            .orElse(Double.NaN));
  }

  private static @Nullable Double known(double probability) {
    return Double.isNaN(probability) ? null : probability;
  }

  private static String iso(Instant instant) {
    return ISO.format(instant);
  }
}
