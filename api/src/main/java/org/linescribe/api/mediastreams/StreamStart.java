package org.linescribe.api.mediastreams;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.AudioFormat;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SourceRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a platform says of a stream before its audio, in whichever of their spellings.
 *
 * @param tracks names of the audio's tracks, a leg for each; empty where the channels are the legs
 * @param key the API key that a parameter gave
 */
record StreamStart(
    AudioFormat format,
    List<String> tracks,
    List<SourceRequest.Leg> legs,
    Optional<SessionId> sessionId,
    Optional<String> key,
    Map<String, String> attributes) {
  static final String INBOUND = "inbound";
  static final String OUTBOUND = "outbound";
  private static final String CALLEE = "callee";
  private static final String ASTERISK_START = "MEDIA_START";
  private static final int MAX_ATTRIBUTES = 16;
  private static final int MAX_KEY = 64;
  private static final int MAX_VALUE = 1024;

  private static final List<String> CALL_IDS =
      List.of(
          "callSid",
          "call_sid",
          "callId",
          "call_control_id",
          "call_session_id",
          "channel_id",
          "uuid");
  private static final List<String> STREAM_IDS =
      List.of("streamSid", "stream_sid", "streamId", "stream_id");

  /** Of a frame {@code start}. */
  static StreamStart ofFrame(JsonNode frame) {
    JsonNode start = frame.path("start");
    JsonNode media = first(start, "mediaFormat", "media_format");
    int channels = number(media, 1, "channels");
    if (channels != 1) {
      throw new IllegalArgumentException("channels: " + channels + " (expected: 1)");
    }
    AudioFormat format =
        new AudioFormat(
            encoding(text(media, "encoding").orElse("audio/x-mulaw")),
            number(media, 8000, "sampleRate", "sample_rate"),
            1);
    // A platform that does not name its tracks (Telnyx) may send both.
    List<String> tracks = List.of(INBOUND, OUTBOUND);
    if (start.path("tracks").isArray() && !start.get("tracks").isEmpty()) {
      List<String> named =
          start.get("tracks").valueStream().map(track -> track(track.asString(""))).toList();
      tracks = tracks.stream().filter(named::contains).toList();
      if (tracks.isEmpty()) {
        throw new IllegalArgumentException("tracks: (expected: inbound, outbound)");
      }
    }
    int rateHz = format.legRateHz();
    List<SourceRequest.Leg> legs =
        tracks.stream().map(track -> new SourceRequest.Leg(leg(track), rateHz)).toList();
    JsonNode parameters = first(start, "customParameters", "custom_parameters");
    Optional<String> streamId =
        ofNames(name -> text(start, name), STREAM_IDS)
            .or(() -> ofNames(name -> text(frame, name), STREAM_IDS));
    return of(format, tracks, legs, start, parameters, streamId);
  }

  /**
   * Of a first text that is followed by binary audio, or of none.
   *
   * @param query parameters of the upgrade, for platforms whose text does not tell the format
   */
  static StreamStart ofText(@Nullable JsonNode said, Function<String, Optional<String>> query) {
    JsonNode text = said == null ? JsonNodeFactory.instance.objectNode() : said;
    int rateHz = number(text, 0, "sampleRate", "sample_rate", "sampling_rate");
    Optional<String> type = text(text, "content-type");
    if (type.isPresent() && type.get().toLowerCase(Locale.ROOT).contains("rate=")) {
      rateHz = whole("rate", type.get().replaceFirst("(?i).*rate=", "").replaceFirst(";.*", ""));
    }
    if (rateHz == 0) {
      rateHz = query.apply("sample_rate").map(value -> whole("sample_rate", value)).orElse(8000);
    }
    int channels =
        text(text, "mixType").or(() -> text(text, "mix_type")).filter("stereo"::equals).isPresent()
            ? 2
            : query.apply("channels").map(value -> whole("channels", value)).orElse(1);
    if (channels > 2) {
      throw new IllegalArgumentException("channels: " + channels + " (expected: 1 or 2)");
    }
    Optional<String> asterisk =
        text(text, "event").filter(ASTERISK_START::equals).flatMap(_ -> text(text, "format"));
    if (asterisk.isPresent()) {
      return ofBinary(ofAsterisk(asterisk.get()), text);
    }
    AudioFormat.Encoding encoding =
        encoding(
            type.map(name -> name.replaceFirst(";.*", ""))
                .or(() -> query.apply("encoding"))
                .orElse("audio/l16"));
    return ofBinary(new AudioFormat(encoding, rateHz, channels), text);
  }

  /** Each channel is a leg. */
  private static StreamStart ofBinary(AudioFormat format, JsonNode text) {
    List<SourceRequest.Leg> legs =
        List.of(INBOUND, OUTBOUND).subList(0, format.channels()).stream()
            .map(track -> new SourceRequest.Leg(leg(track), format.legRateHz()))
            .toList();
    return of(format, List.of(), legs, text, text, Optional.empty());
  }

  /** As {@code chan_websocket} writes its first event where it is not asked for JSON. */
  static Optional<JsonNode> ofPlainText(String text) {
    if (!text.startsWith(ASTERISK_START + " ")) {
      return Optional.empty();
    }
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("event", ASTERISK_START);
    for (String member : text.split(" ")) {
      int colon = member.indexOf(':');
      if (colon > 0) {
        event.put(member.substring(0, colon), member.substring(colon + 1));
      }
    }
    return Optional.of(event);
  }

  /** {@code ulaw}, {@code alaw}, {@code slin} (8 kHz) or {@code slin16} and the like. */
  private static AudioFormat ofAsterisk(String name) {
    String kilohertz = name.replaceFirst("^slin", "");
    if (!name.startsWith("slin")) {
      return new AudioFormat(encoding(name), 8000, 1);
    }
    int rateHz =
        switch (kilohertz) {
          case "" -> 8000;
          case "44" -> 44_100;
          default -> 1000 * whole("format", kilohertz);
        };
    return new AudioFormat(AudioFormat.Encoding.PCM16, rateHz, 1);
  }

  private static StreamStart of(
      AudioFormat format,
      List<String> tracks,
      List<SourceRequest.Leg> legs,
      JsonNode start,
      JsonNode parameters,
      Optional<String> streamId) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("codec", format.encoding().name().toLowerCase(Locale.ROOT));
    Optional<String> callId = ofNames(name -> text(start, name), CALL_IDS);
    callId.ifPresent(id -> attributes.put(SessionRecord.CALL_ID, cut(id)));
    streamId.ifPresent(id -> attributes.put("stream_id", cut(id)));
    for (String name : List.of("from", "to")) {
      text(start, name).ifPresent(number -> attributes.put(name, cut(number)));
    }
    for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
      String name = parameter.getKey();
      if (attributes.size() < MAX_ATTRIBUTES
          && name.length() <= MAX_KEY
          && !name.equals("access_token")
          && !name.equals("session_id")
          && parameter.getValue().isValueNode()) {
        attributes.putIfAbsent(name, cut(parameter.getValue().asString()));
      }
    }
    return new StreamStart(
        format,
        tracks,
        legs,
        text(parameters, "session_id").or(() -> callId).or(() -> streamId).flatMap(StreamStart::id),
        text(parameters, "access_token"),
        attributes);
  }

  private static Optional<SessionId> id(String value) {
    return SessionId.isValid(value) ? Optional.of(new SessionId(value)) : Optional.empty();
  }

  /** {@code inbound_track} is {@code inbound}. */
  static String track(String name) {
    return name.replaceFirst("_track$", "");
  }

  private static String leg(String track) {
    return track.equals(INBOUND) ? SourceRequest.Leg.CALLER : CALLEE;
  }

  private static AudioFormat.Encoding encoding(String name) {
    return AudioFormat.encoding(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "encoding: not one of audio/x-mulaw, audio/x-alaw, audio/x-l16"));
  }

  private static JsonNode first(JsonNode node, String... names) {
    for (String name : names) {
      if (node.path(name).isObject()) {
        return node.get(name);
      }
    }
    return node.path(names[0]);
  }

  private static Optional<String> text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isValueNode() && !value.isNull() && !value.asString().isEmpty()
        ? Optional.of(value.asString())
        : Optional.empty();
  }

  private static Optional<String> ofNames(
      Function<String, Optional<String>> values, List<String> names) {
    return names.stream().map(values).flatMap(Optional::stream).findFirst();
  }

  private static int number(JsonNode node, int otherwise, String... names) {
    return ofNames(name -> text(node, name), List.of(names))
        .map(value -> whole(names[0], value))
        .orElse(otherwise);
  }

  private static int whole(String name, String value) {
    try {
      return Integer.parseInt(value.strip());
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(name + ": (expected: a whole number)", notANumber);
    }
  }

  private static String cut(String value) {
    return value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE);
  }
}
