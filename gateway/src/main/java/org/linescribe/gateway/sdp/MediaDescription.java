package org.linescribe.gateway.sdp;

import java.util.List;
import java.util.Optional;

/**
 * A media description: an m-line and the lines that belong to it.
 *
 * @param media "audio", "video", "image" …
 * @param port 0 where the stream is refused or disabled
 * @param protocol "RTP/AVP" …
 * @param formats the formats in order of preference
 * @param connection address of its own c-line, if any
 * @param attributes its a-lines
 */
public record MediaDescription(
    String media,
    int port,
    String protocol,
    List<String> formats,
    Optional<String> connection,
    List<Attribute> attributes) {
  public MediaDescription {
    formats = List.copyOf(formats);
    attributes = List.copyOf(attributes);
  }

  /** The first value of an attribute; "" for one without a value. */
  public Optional<String> attribute(String name) {
    return Attribute.first(attributes, name);
  }

  /** All values of an attribute, in their order. */
  public List<String> attributes(String name) {
    return Attribute.all(attributes, name);
  }

  public boolean has(String name) {
    return attribute(name).isPresent();
  }
}
