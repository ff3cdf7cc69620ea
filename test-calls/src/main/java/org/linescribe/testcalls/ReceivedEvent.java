package org.linescribe.testcalls;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One received event of a transcript.
 *
 * @param seq 0 if the event has none
 * @param text empty if the event has none
 * @param endMs end of its audio in ms from the session's start, -1 if absent
 * @param atNs arrival, in the {@link FrameClock}'s nanoseconds
 */
public record ReceivedEvent(Kind kind, long seq, String text, long endMs, long atNs) {
  /** Kind of event. */
  public enum Kind {
    PARTIAL,
    FINAL,
    /** The session's source ended; no event follows before the next source. */
    ENDED,
    /** Not a transcript event. */
    OTHER
  }

  private static final JsonMapper JSON = JsonMapper.shared();

  /**
   * Returns null for anything but a JSON object, or for a partial or final without a sequence
   * number.
   */
  static @Nullable ReceivedEvent parse(String json, long atNs) {
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
    return new ReceivedEvent(
        kind,
        numbered ? event.path("seq").asLong() : 0,
        event.path("text").asString(""),
        event.path("end_ms").asLong(-1),
        atNs);
  }
}
