package org.linescribe.session;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a door asks for when it brings audio to a session.
 *
 * @param sessionId the session, new or continued
 * @param kind the door: "sip", "websocket", "stt", "file"; kept with the session
 * @param legs the voices that this source carries, each with its rate
 * @param endpointSilence silence that ends an utterance, or empty for the setting
 * @param language BCP 47 tag, or empty for the model's own
 * @param provider the recogniser to use, or empty for the default
 * @param attributes what the door wants kept with the session (call id, user id, law); at most 32
 *     entries of 1024 characters
 */
public record SourceRequest(
    SessionId sessionId,
    String kind,
    List<Leg> legs,
    Optional<Duration> endpointSilence,
    Optional<String> language,
    Optional<String> provider,
    Map<String, String> attributes) {

  /**
   * One voice.
   *
   * @param name 1 to 32 characters, "caller", "callee"
   * @param sampleRateHz rate of the PCM that the door will deliver: 8000 or 16000
   */
  public record Leg(String name, int sampleRateHz) {
    public static final String CALLER = "caller";

    public Leg {
      if (name.isEmpty() || name.length() > 32) {
        throw new IllegalArgumentException("leg: '" + name + "' (expected: 1 to 32 characters)");
      }
      if (sampleRateHz != 8000 && sampleRateHz != 16000) {
        throw new IllegalArgumentException(
            "sampleRateHz: " + sampleRateHz + " (expected: 8000 or 16000)");
      }
    }
  }

  public SourceRequest {
    legs = List.copyOf(legs);
    attributes = Map.copyOf(attributes);
    if (legs.isEmpty() || legs.stream().map(Leg::name).distinct().count() != legs.size()) {
      throw new IllegalArgumentException(
          "legs: " + legs + " (expected: at least one, each with a name of its own)");
    }
  }

  /** One caller at 8 kHz, everything else by the settings. */
  public static SourceRequest of(SessionId sessionId, String kind) {
    return new SourceRequest(
        sessionId,
        kind,
        List.of(new Leg(Leg.CALLER, 8000)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of());
  }
}
