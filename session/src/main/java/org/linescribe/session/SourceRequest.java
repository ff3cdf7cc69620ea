package org.linescribe.session;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The request of an API or a call to write audio to a session.
 *
 * @param sessionId the session, new or continued
 * @param kind of the source: "sip", "websocket", "stt", "file"; kept with the session
 * @param owner name of the API key or of the trunk that opens the source, or a {@link
 *     SessionOwner}; empty where nobody is identified. Only a source of the same kind and owner
 *     takes an open session over, and only one of the same owner continues an ended one
 * @param legs the legs that this source carries, each with its rate
 * @param recognition the model, the language and the rest of what it asks of recognition
 * @param attributes kept with the session (call id, user id, codec); at most 32 entries of 1024
 *     characters
 * @param traceParent the {@code traceparent} header of the client's request, unchecked; empty where
 *     there is none
 */
public record SourceRequest(
    SessionId sessionId,
    String kind,
    Optional<String> owner,
    List<Leg> legs,
    RecognitionRequest recognition,
    Map<String, String> attributes,
    Optional<String> traceParent) {
  /** The header's name. Source: W3C Trace Context §3.2. */
  public static final String TRACE_PARENT = "traceparent";

  /**
   * One party of a call.
   *
   * @param name 1 to 32 characters, "caller", "callee"
   * @param sampleRateHz rate of the PCM that the source will write: 8000 or 16000
   * @param participant who speaks on it, where the source knows; {@link SessionSource#participant}
   *     changes it
   */
  public record Leg(String name, int sampleRateHz, Optional<Participant> participant) {
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

    /** A leg whose speaker has no name. */
    public Leg(String name, int sampleRateHz) {
      this(name, sampleRateHz, Optional.empty());
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

  /** Without a client that traces. */
  public SourceRequest(
      SessionId sessionId,
      String kind,
      Optional<String> owner,
      List<Leg> legs,
      RecognitionRequest recognition,
      Map<String, String> attributes) {
    this(sessionId, kind, owner, legs, recognition, attributes, Optional.empty());
  }

  /** The same in a client's trace. */
  public SourceRequest inTrace(Optional<String> parent) {
    return new SourceRequest(sessionId, kind, owner, legs, recognition, attributes, parent);
  }

  /** Whether this source takes an open session over from another one. */
  public boolean supersedes(SourceRequest open) {
    return claim().equals(open.claim());
  }

  /** The sources that have equal claims supersede each other, on any machine. */
  public String claim() {
    return kind + "/" + owner.orElse("");
  }

  /** One caller at 8 kHz, everything else by the settings. */
  public static SourceRequest of(SessionId sessionId, String kind) {
    return new SourceRequest(
        sessionId,
        kind,
        Optional.empty(),
        List.of(new Leg(Leg.CALLER, 8000)),
        RecognitionRequest.DEFAULT,
        Map.of());
  }
}
