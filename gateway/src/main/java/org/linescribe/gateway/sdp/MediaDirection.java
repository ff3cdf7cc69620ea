package org.linescribe.gateway.sdp;

import java.util.Locale;
import java.util.Optional;

/**
 * Direction of media, as seen by the party that describes it. Source: RFC 3264 §6.1, RFC 8866 §6.7.
 */
public enum MediaDirection {
  SENDRECV,
  SENDONLY,
  RECVONLY,
  INACTIVE;

  static Optional<MediaDirection> of(String attribute) {
    for (MediaDirection direction : values()) {
      if (direction.attribute().equals(attribute)) {
        return Optional.of(direction);
      }
    }
    return Optional.empty();
  }

  /** The attribute's name. */
  public String attribute() {
    return name().toLowerCase(Locale.ROOT);
  }

  public boolean sends() {
    return this == SENDRECV || this == SENDONLY;
  }

  public boolean receives() {
    return this == SENDRECV || this == RECVONLY;
  }

  /** The same flow as seen by the other party. */
  public MediaDirection reversed() {
    return switch (this) {
      case SENDONLY -> RECVONLY;
      case RECVONLY -> SENDONLY;
      case SENDRECV, INACTIVE -> this;
    };
  }
}
