package org.linescribe.session.json;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.linescribe.asr.Token;
import org.linescribe.session.Participant;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Segments and transcript events as JSON: snake_case keys, times in ms, instants in ISO 8601.
 *
 * <p>Thread: any. Errors: {@link IllegalArgumentException} for text that is not of this form; its
 * message holds no content.
 */
public final class StoredJson {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private StoredJson() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  public static String write(JsonNode node) {
    return MAPPER.writeValueAsString(node);
  }

  public static JsonNode parse(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JacksonException malformed) {
      throw new IllegalArgumentException("not JSON: " + json.length() + " characters");
    }
  }

  /** Reads what a caller's function makes of a parsed text; every defect is the same exception. */
  public static <T> T read(String json, java.util.function.Function<JsonNode, T> reader) {
    JsonNode node = parse(json);
    try {
      return reader.apply(node);
    } catch (JacksonException | java.time.DateTimeException malformed) {
      throw new IllegalArgumentException(
          "not of the expected form: " + malformed.getClass().getSimpleName());
    }
  }

  public static String tokens(List<Token> tokens) {
    return write(tokensNode(tokens));
  }

  public static List<Token> tokens(String json) {
    return read(json, StoredJson::tokensOf);
  }

  public static String strings(List<String> values) {
    return MAPPER.writeValueAsString(values);
  }

  public static List<String> strings(String json) {
    return read(json, StoredJson::stringsOf);
  }

  public static String map(Map<String, String> values) {
    return MAPPER.writeValueAsString(values);
  }

  public static Map<String, String> map(String json) {
    return read(json, StoredJson::mapOf);
  }

  public static List<String> stringsOf(JsonNode array) {
    List<String> values = new ArrayList<>(array.size());
    array.forEach(value -> values.add(value.asString()));
    return values;
  }

  public static Map<String, String> mapOf(JsonNode object) {
    Map<String, String> values = new LinkedHashMap<>();
    object.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue().asString()));
    return values;
  }

  public static ObjectNode segment(Segment segment) {
    ObjectNode node =
        object()
            .put("session_id", segment.sessionId().value())
            .put("seq", segment.seq())
            .put("leg", segment.leg())
            .put("text", segment.text())
            .put("start_ms", segment.startMs())
            .put("end_ms", segment.endMs());
    node.set("tokens", tokensNode(segment.tokens()));
    segment.participant().ifPresent(who -> node.set("participant", participantNode(who)));
    segment.language().ifPresent(language -> node.put("language", language));
    return node.put("model", segment.model()).put("created_at", segment.createdAt().toString());
  }

  public static Segment segmentOf(JsonNode node) {
    return new Segment(
        new SessionId(node.required("session_id").asString()),
        node.required("seq").asLong(),
        node.required("leg").asString(),
        node.required("text").asString(),
        node.required("start_ms").asLong(),
        node.required("end_ms").asLong(),
        tokensOf(node.required("tokens")),
        node.required("model").asString(),
        Instant.parse(node.required("created_at").asString()),
        Optional.ofNullable(node.get("participant")).map(StoredJson::participantOf),
        Optional.ofNullable(node.get("language")).map(JsonNode::asString));
  }

  public static String participant(Participant participant) {
    return MAPPER.writeValueAsString(participantNode(participant));
  }

  public static Participant participant(String json) {
    return read(json, StoredJson::participantOf);
  }

  private static ObjectNode participantNode(Participant participant) {
    ObjectNode node = object().put("name", participant.name()).put("aor", participant.aor());
    participant.role().ifPresent(role -> node.put("role", role.name()));
    return node;
  }

  private static Participant participantOf(JsonNode node) {
    return new Participant(
        node.required("name").asString(),
        node.required("aor").asString(),
        Optional.ofNullable(node.get("role"))
            .map(role -> Participant.Role.valueOf(role.asString())));
  }

  public static String event(TranscriptEvent event) {
    return write(
        switch (event) {
          case TranscriptEvent.Partial partial -> {
            ObjectNode node =
                object()
                    .put("type", "partial")
                    .put("session_id", partial.sessionId().value())
                    .put("seq", partial.seq())
                    .put("leg", partial.leg())
                    .put("text", partial.text())
                    .put("start_ms", partial.startMs())
                    .put("end_ms", partial.endMs());
            if (partial.stableChars() > 0) {
              node.put("stable_chars", partial.stableChars());
            }
            yield Double.isNaN(partial.confidence())
                ? node
                : node.put("confidence", partial.confidence());
          }
          case TranscriptEvent.Final fin -> segment(fin.segment()).put("type", "final");
          case TranscriptEvent.Dtmf key ->
              object()
                  .put("type", "dtmf")
                  .put("session_id", key.sessionId().value())
                  .put("seq", key.seq())
                  .put("leg", key.leg())
                  .put("digit", String.valueOf(key.digit()))
                  .put("start_ms", key.startMs());
          case TranscriptEvent.Ended ended ->
              object()
                  .put("type", "ended")
                  .put("session_id", ended.sessionId().value())
                  .put("seq", ended.seq())
                  .put("reason", ended.reason());
        });
  }

  public static TranscriptEvent event(String json) {
    return read(json, StoredJson::eventOf);
  }

  public static TranscriptEvent eventOf(JsonNode node) {
    String type = node.required("type").asString();
    return switch (type) {
      case "partial" ->
          new TranscriptEvent.Partial(
              new SessionId(node.required("session_id").asString()),
              node.required("seq").asLong(),
              node.required("leg").asString(),
              node.required("text").asString(),
              node.required("start_ms").asLong(),
              node.required("end_ms").asLong(),
              node.has("confidence") ? node.get("confidence").asDouble() : Double.NaN,
              node.has("stable_chars") ? node.get("stable_chars").asInt() : 0);
      case "final" -> new TranscriptEvent.Final(segmentOf(node));
      case "dtmf" ->
          new TranscriptEvent.Dtmf(
              new SessionId(node.required("session_id").asString()),
              node.required("seq").asLong(),
              node.required("leg").asString(),
              digitOf(node.required("digit").asString()),
              node.required("start_ms").asLong());
      case "ended" ->
          new TranscriptEvent.Ended(
              new SessionId(node.required("session_id").asString()),
              node.required("seq").asLong(),
              node.required("reason").asString());
      default -> throw new IllegalArgumentException("unknown event type");
    };
  }

  private static char digitOf(String text) {
    if (text.length() != 1) {
      throw new IllegalArgumentException("digit: " + text.length() + " characters (expected: 1)");
    }
    return text.charAt(0);
  }

  private static ArrayNode tokensNode(List<Token> tokens) {
    ArrayNode array = MAPPER.createArrayNode();
    for (Token token : tokens) {
      ObjectNode node =
          array.addObject().put("text", token.text()).put("start_ms", token.startMs());
      if (!Double.isNaN(token.probability())) {
        node.put("probability", token.probability());
      }
    }
    return array;
  }

  private static List<Token> tokensOf(JsonNode array) {
    List<Token> tokens = new ArrayList<>(array.size());
    for (JsonNode node : array) {
      tokens.add(
          new Token(
              node.required("text").asString(),
              node.required("start_ms").asLong(),
              node.has("probability") ? node.get("probability").asDouble() : Double.NaN));
    }
    return tokens;
  }
}
