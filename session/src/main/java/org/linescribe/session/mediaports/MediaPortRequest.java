package org.linescribe.session.mediaports;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;

/**
 * A program's request of ports for a session's audio.
 *
 * @param sessionId the session, new or continued
 * @param owner name of the API key; empty where nobody is identified
 * @param payloadType by which the format comes where it is none of Asterisk's, 0..127
 * @param legs names, each gets a port; at least one
 * @param from the only host that may send; empty: whoever sends first
 * @param reached the address of ours that the program reached, told where no other is configured
 */
public record MediaPortRequest(
    SessionId sessionId,
    Optional<String> owner,
    MediaFormat format,
    OptionalInt payloadType,
    List<String> legs,
    Optional<InetAddress> from,
    RecognitionRequest recognition,
    InetAddress reached) {
  public MediaPortRequest {
    legs = List.copyOf(legs);
  }

  /** The payload types that mean the format, the first of them for the documents. */
  public List<Integer> payloadTypes() {
    return payloadType.isPresent() ? List.of(payloadType.getAsInt()) : format.payloadTypes();
  }
}
