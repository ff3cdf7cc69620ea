package org.linescribe.testcalls;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One event of a transcript, as it came.
 *
 * @param seq 0 where the event has none
 * @param text empty where the event has none
 * @param endMs where its audio ends in ms from the session's start, -1 where the event does not say
 * @param atNs arrival, in the {@link FrameClock}'s nanoseconds
 */
public record HeardEvent(Kind kind, long seq, String text, long endMs, long atNs) {
  /** What it tells. */
  public enum Kind {
    PARTIAL,
    FINAL,
    /** The session's source has gone for good; nothing follows before the next source. */
    ENDED,
    /** Something that is not about the transcript. */
    OTHER
  }

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Null where it is no JSON object, or a partial or final without a number. */
  static @Nullable HeardEvent parse(String json, long atNs) {
    JsonNode event;
    try {
      event = JSON.readTree(json);
    } catch (JacksonException e) {
      return null;
    }
    Kind kind =
        switch (event.path("type").asString("")) {
          case "partial" -> Kind.PARTIAL;
          case "final" -> Kind.FINAL;
          case "ended" -> Kind.ENDED;
          default -> Kind.OTHER;
        };
    boolean numbered = event.path("seq").isIntegralNumber();
    if (!event.isObject() || (kind == Kind.PARTIAL || kind == Kind.FINAL) && !numbered) {
      return null;
    }
    return new HeardEvent(
        kind,
        numbered ? event.path("seq").asLong() : 0,
        event.path("text").asString(""),
        event.path("end_ms").asLong(-1),
        atNs);
  }
}
