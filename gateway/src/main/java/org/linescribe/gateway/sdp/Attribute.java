package org.linescribe.gateway.sdp;

import java.util.List;
import java.util.Optional;

/**
 * An a-line.
 *
 * @param value the text after the colon, "" when there is none
 */
public record Attribute(String name, String value) {
  static List<String> all(List<Attribute> attributes, String name) {
    return attributes.stream().filter(a -> a.name().equals(name)).map(Attribute::value).toList();
  }

  static Optional<String> first(List<Attribute> attributes, String name) {
    return attributes.stream().filter(a -> a.name().equals(name)).map(Attribute::value).findFirst();
  }
}
