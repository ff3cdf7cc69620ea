package org.linescribe.api.deepgram;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.linescribe.api.audio.AudioFormat;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceRequest;

/**
 * The parameters of {@code /v1/listen}.
 *
 * @param encoding empty for a container
 * @param legs 1, or the number of channels
 * @param model empty where none is named; one of Deepgram's is ignored
 * @param utteranceEndMs empty where {@code UtteranceEnd} is not wanted
 */
record ListenRequest(
    Optional<SessionId> sessionId,
    Optional<AudioFormat.Encoding> encoding,
    AudioFormat format,
    int legs,
    boolean interimResults,
    boolean vadEvents,
    Optional<Duration> endpointing,
    Optional<Duration> utteranceEnd,
    Optional<String> model,
    Optional<String> language) {
  /** They would change what is heard or where it goes, and are not offered. */
  private static final List<String> NOT_OFFERED =
      List.of(
          ("callback redact replace search diarize diarize_model detect_language detect_entities"
                  + " profanity_filter summarize sentiment topics intents translate")
              .split(" "));

  private static final String CALLEE = "callee";

  /**
   * @param query a parameter of the request by its name
   * @throws IllegalArgumentException with the name of the parameter and what is expected
   */
  static ListenRequest of(Function<String, Optional<String>> query) {
    Function<String, Optional<String>> given =
        name -> query.apply(name).map(String::strip).filter(text -> !text.isEmpty());
    for (String name : NOT_OFFERED) {
      if (given.apply(name).filter(value -> !value.equalsIgnoreCase("false")).isPresent()) {
        throw new IllegalArgumentException(name + ": not offered by this server");
      }
    }
    Optional<String> named = given.apply("encoding").map(text -> text.toLowerCase(Locale.ROOT));
    Optional<AudioFormat.Encoding> encoding =
        named.filter(name -> !isContainer(name)).map(ListenRequest::encoding);
    boolean multichannel = flag(given, "multichannel");
    int channels = number(given, "channels", 1, 8).orElse(multichannel ? 2 : 1);
    if (encoding.isEmpty() && channels > 2) {
      throw new IllegalArgumentException("channels: " + channels + " (of a container: 1 or 2)");
    }
    int rateHz =
        number(given, "sample_rate", 1, Integer.MAX_VALUE)
            .orElse(
                encoding.filter(law -> law != AudioFormat.Encoding.PCM16).isPresent()
                    ? 8000
                    : 16_000);
    String id = given.apply("session_id").orElse("");
    if (!id.isEmpty() && !SessionId.isValid(id)) {
      throw new IllegalArgumentException("session_id: expected " + SessionId.SYNTAX);
    }
    return new ListenRequest(
        id.isEmpty() ? Optional.empty() : Optional.of(new SessionId(id)),
        encoding,
        new AudioFormat(encoding.orElse(AudioFormat.Encoding.CONTAINER), rateHz, channels),
        multichannel ? channels : 1,
        flag(given, "interim_results"),
        flag(given, "vad_events"),
        endpointing(given),
        number(given, "utterance_end_ms", 1, 60_000).map(Duration::ofMillis),
        given.apply("model"),
        given.apply("language").filter(tag -> !tag.equals("multi")));
  }

  private static boolean isContainer(String encoding) {
    return List.of("flac", "ogg-opus", "opus", "mp3", "aac").contains(encoding);
  }

  private static AudioFormat.Encoding encoding(String name) {
    return AudioFormat.encoding(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "encoding: expected linear16, mulaw, alaw, or a container without 'encoding'"));
  }

  /** Deepgram counts from 10 ms; utterances of less than 100 ms of silence are not told apart. */
  private static Optional<Duration> endpointing(Function<String, Optional<String>> given) {
    Optional<String> value = given.apply("endpointing");
    if (value.isEmpty() || value.get().equals("true") || value.get().equals("false")) {
      return Optional.empty();
    }
    return number(given, "endpointing", 0, Integer.MAX_VALUE)
        .map(ms -> Duration.ofMillis(Math.clamp(ms, 100, 10_000)));
  }

  private static boolean flag(Function<String, Optional<String>> given, String name) {
    return switch (given.apply(name).orElse("false").toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(name + ": expected true or false");
    };
  }

  private static Optional<Integer> number(
      Function<String, Optional<String>> given, String name, int lowest, int highest) {
    return given
        .apply(name)
        .map(
            text -> {
              try {
                int value = Integer.parseInt(text);
                if (value >= lowest && value <= highest) {
                  return value;
                }
              } catch (NumberFormatException notANumber) {
                // Refused below.
              }
              throw new IllegalArgumentException(
                  name + ": expected a whole number from " + lowest + " to " + highest);
            });
  }

  /**
   * @param models that this server has
   */
  SourceRequest source(SessionId id, Optional<String> owner, int legRateHz, Set<String> models) {
    return new SourceRequest(
        id,
        "deepgram",
        owner,
        IntStream.range(0, legs)
            .mapToObj(leg -> new SourceRequest.Leg(legName(leg), legRateHz))
            .toList(),
        RecognitionRequest.DEFAULT
            .withModel(model.filter(models::contains))
            .withLanguage(language)
            .withEndpointSilence(endpointing),
        Map.of("codec", format.encoding().name().toLowerCase(Locale.ROOT)));
  }

  /** A telephone's channels are its parties; more of them are numbered. */
  private static String legName(int leg) {
    return switch (leg) {
      case 0 -> SourceRequest.Leg.CALLER;
      case 1 -> CALLEE;
      default -> "channel-" + leg;
    };
  }

  /** The channel of a leg. */
  int channel(String leg) {
    return IntStream.range(0, legs)
        .filter(index -> legName(index).equals(leg))
        .findFirst()
        .orElse(0);
  }
}
