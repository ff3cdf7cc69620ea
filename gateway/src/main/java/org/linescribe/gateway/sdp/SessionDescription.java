package org.linescribe.gateway.sdp;

import java.util.List;
import java.util.Optional;

/**
 * A session description, reduced to what a call needs.
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

  /** Whether an audio stream has no address: neither the session nor the stream has a c-line. */
  public boolean lacksConnection() {
    return connection.isEmpty()
        && media.stream()
            .anyMatch(stream -> stream.media().equals("audio") && stream.connection().isEmpty());
  }

  /** The direction of a stream: its own attribute, else the session's, else sendrecv. */
  MediaDirection direction(MediaDescription stream) {
    return directionOf(stream.attributes())
        .or(() -> directionOf(attributes))
        .orElse(MediaDirection.SENDRECV);
  }

  private static Optional<MediaDirection> directionOf(List<Attribute> attributes) {
    return attributes.stream().flatMap(a -> MediaDirection.of(a.name()).stream()).findFirst();
  }
}
