package org.linescribe.api.transcript;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.databind.json.JsonMapper;

/**
 * A transcript's events and segments as every reader gets them. This is the API's contract; the
 * form in which the session keeps them ({@code session.json}) may change without it.
 *
 * <p>Thread: any.
 */
public final class TranscriptJson {
  private final JsonMapper json;

  public TranscriptJson(JsonMapper json) {
    this.json = json;
  }

  /**
   * One event: {@code {"type": "partial" | "final" | "dtmf" | "ended", "session_id", "seq", …}}.
   *
   * @param text of partials and finals
   * @param startMs from the session's start, as {@code endMs}
   * @param confidence mean probability of the tokens, left out where the recogniser gives none
   * @param stableChars of partials: UTF-16 units at the text's begin that seldom change any more
   * @param language of finals: what a model of several found; left out where none did
   * @param digit of "dtmf" only
   * @param reason of the end, "ended" only
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record EventBody(
      String type,
      String sessionId,
      long seq,
      @Nullable String text,
      @Nullable String leg,
      @Nullable Long startMs,
      @Nullable Long endMs,
      @Nullable Double confidence,
      @Nullable Integer stableChars,
      @Nullable String model,
      @Nullable String language,
      @Nullable Instant createdAt,
      @Nullable ParticipantBody participant,
      @Nullable String digit,
      @Nullable String reason) {}

  /** Who spoke; fields that nobody gave are absent. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ParticipantBody(
      @Nullable String name, @Nullable String aor, @Nullable String role) {}

  /** A stored segment, with its tokens. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SegmentBody(
      long seq,
      String leg,
      String text,
      long startMs,
      long endMs,
      @Nullable Double confidence,
      String model,
      @Nullable String language,
      Instant createdAt,
      @Nullable ParticipantBody participant,
      List<TokenBody> tokens) {}

  /** A recognised unit of a segment. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TokenBody(String text, long startMs, @Nullable Double probability) {}

  public String event(TranscriptEvent event) {
    return json.writeValueAsString(body(event));
  }

  public static SegmentBody segment(Segment segment) {
    return new SegmentBody(
        segment.seq(),
        segment.leg(),
        segment.text(),
        segment.startMs(),
        segment.endMs(),
        confidence(segment),
        segment.model(),
        segment.language().orElse(null),
        segment.createdAt(),
        participant(segment),
        segment.tokens().stream()
            .map(token -> new TokenBody(token.text(), token.startMs(), known(token.probability())))
            .toList());
  }

  private static EventBody body(TranscriptEvent event) {
    return switch (event) {
      case TranscriptEvent.Partial partial ->
          new EventBody(
              "partial",
              partial.sessionId().value(),
              partial.seq(),
              partial.text(),
              partial.leg(),
              partial.startMs(),
              partial.endMs(),
              known(partial.confidence()),
              partial.stableChars() == 0 ? null : partial.stableChars(),
              null,
              null,
              null,
              null,
              null,
              null);
      case TranscriptEvent.Final(Segment segment) ->
          new EventBody(
              "final",
              segment.sessionId().value(),
              segment.seq(),
              segment.text(),
              segment.leg(),
              segment.startMs(),
              segment.endMs(),
              confidence(segment),
              null,
              segment.model(),
              segment.language().orElse(null),
              segment.createdAt(),
              participant(segment),
              null,
              null);
      case TranscriptEvent.Dtmf key ->
          new EventBody(
              "dtmf",
              key.sessionId().value(),
              key.seq(),
              null,
              key.leg(),
              key.startMs(),
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              String.valueOf(key.digit()),
              null);
      case TranscriptEvent.Ended ended ->
          new EventBody(
              "ended",
              ended.sessionId().value(),
              ended.seq(),
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              ended.reason());
    };
  }

  private static @Nullable ParticipantBody participant(Segment segment) {
    return segment
        .participant()
        .map(
            who ->
                new ParticipantBody(
                    given(who.name()),
                    given(who.aor()),
                    who.role().map(role -> role.name().toLowerCase(Locale.ROOT)).orElse(null)))
        .orElse(null);
  }

  private static @Nullable String given(String text) {
    return text.isEmpty() ? null : text;
  }

  private static @Nullable Double confidence(Segment segment) {
    return known(
        segment.tokens().stream().mapToDouble(Token::probability).average().orElse(Double.NaN));
  }

  private static @Nullable Double known(double probability) {
    return Double.isNaN(probability) ? null : probability;
  }
}
