package org.linescribe.api.stt;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.linescribe.api.audio.RecognitionParameters;
import org.linescribe.session.SessionId;

/**
 * The validated parameters of a client.
 *
 * @param sessionId the session to continue, empty for a new one
 * @param owner name of the client's API key, empty where none is required
 * @param language "auto" or a BCP 47 tag, empty where the client names none
 * @param model empty where the client names none
 * @param provider empty where the client names none
 * @param sampleRateHz of its PCM
 * @param chunkBytes the size of chunk that the client announced; any other is accepted too
 * @param hotwords as the client wrote them
 * @param traceParent of the request, see {@link org.linescribe.session.SourceRequest}
 */
record SttRequest(
    Optional<SessionId> sessionId,
    Optional<String> owner,
    Optional<String> language,
    Optional<String> model,
    Optional<String> provider,
    int sampleRateHz,
    int chunkBytes,
    Optional<Duration> endpointSilence,
    List<String> hotwords,
    Optional<String> traceParent) {
  static final List<Integer> SAMPLE_RATES_HZ = List.of(8000, 16_000, 22_050, 44_100, 48_000);
  private static final int DEFAULT_SAMPLE_RATE_HZ = 16_000;
  private static final int DEFAULT_CHUNK_BYTES = 1024;
  private static final int MAX_CHUNK_BYTES = 1 << 20;

  /**
   * @param owner name of the client's API key, empty where none is required
   * @param parameter a parameter of the request by its name, empty where it is absent
   */
  static SttRequest of(Optional<String> owner, Function<String, Optional<String>> parameter)
      throws UnusableRequestException {
    Function<String, Optional<String>> given =
        name -> parameter.apply(name).map(String::strip).filter(text -> !text.isEmpty());
    Optional<String> id = given.apply("session_id");
    if (id.isPresent() && !SessionId.isValid(id.get())) {
      throw new UnusableRequestException("session_id: expected " + SessionId.SYNTAX);
    }
    Optional<String> language = given.apply("language");
    if (language.isPresent()
        && !language.get().equalsIgnoreCase(Languages.AUTO)
        && !Languages.isTag(language.get())) {
      throw new UnusableRequestException("language: expected 'auto' or a tag like 'en' or 'en-US'");
    }
    return new SttRequest(
        id.map(SessionId::new),
        owner,
        language,
        given.apply("model"),
        given.apply("provider"),
        sampleRate(given.apply("sample_rate")),
        (int)
            number(given.apply("chunk_size"), "chunk_size", 1, MAX_CHUNK_BYTES)
                .orElse((long) DEFAULT_CHUNK_BYTES)
                .longValue(),
        number(given.apply("endpoint_ms"), "endpoint_ms", 100, 10_000).map(Duration::ofMillis),
        RecognitionParameters.hotwords(parameter),
        Optional.empty());
  }

  private static int sampleRate(Optional<String> text) throws UnusableRequestException {
    if (text.isEmpty()) {
      return DEFAULT_SAMPLE_RATE_HZ;
    }
    Optional<Integer> known =
        SAMPLE_RATES_HZ.stream().filter(rate -> rate.toString().equals(text.get())).findFirst();
    return known.orElseThrow(
        () ->
            new UnusableRequestException(
                "sample_rate: expected 8000, 16000, 22050, 44100 or 48000"));
  }

  private static Optional<Long> number(
      Optional<String> text, String name, long lowest, long highest)
      throws UnusableRequestException {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      long value = Long.parseLong(text.get());
      if (value >= lowest && value <= highest) {
        return Optional.of(value);
      }
    } catch (NumberFormatException notANumber) {
      // Refused below.
    }
    throw new UnusableRequestException(
        name + ": expected a whole number from " + lowest + " to " + highest);
  }

  SttRequest inSession(Optional<SessionId> id) {
    return with(id, traceParent);
  }

  SttRequest inTrace(Optional<String> parent) {
    return with(sessionId, parent);
  }

  private SttRequest with(Optional<SessionId> id, Optional<String> parent) {
    return new SttRequest(
        id,
        owner,
        language,
        model,
        provider,
        sampleRateHz,
        chunkBytes,
        endpointSilence,
        hotwords,
        parent);
  }

  /** The rate of the session's leg. */
  int legRateHz() {
    return sampleRateHz == 8000 ? 8000 : 16_000;
  }
}
