package org.linescribe.gateway.sdp;

import java.util.List;
import java.util.Optional;

/**
 * A session description, as far as calls need it.
 *
 * @param connection address of the session's c-line
 * @param attributes the session's a-lines
 */
public record SessionDescription(
    Optional<String> connection, List<Attribute> attributes, List<MediaDescription> media) {
  public SessionDescription {
    attributes = List.copyOf(attributes);
    media = List.copyOf(media);
  }

  /** The direction of a stream: its own attribute, else the session's, else both ways. */
  MediaDirection direction(MediaDescription stream) {
    return directionOf(stream.attributes())
        .or(() -> directionOf(attributes))
        .orElse(MediaDirection.SENDRECV);
  }

  private static Optional<MediaDirection> directionOf(List<Attribute> attributes) {
    return attributes.stream().flatMap(a -> MediaDirection.of(a.name()).stream()).findFirst();
  }
}
