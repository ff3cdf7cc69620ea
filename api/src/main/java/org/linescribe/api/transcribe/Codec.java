package org.linescribe.api.transcribe;

import java.util.Locale;
import java.util.Optional;
import org.linescribe.media.g711.G711Law;

/** What the client says of its audio. The document names both laws and negotiates neither. */
enum Codec {
  AUTO,
  PCMU,
  PCMA;

  static Optional<Codec> of(String parameter) {
    return switch (parameter.toLowerCase(Locale.ROOT)) {
      case "auto" -> Optional.of(AUTO);
      case "pcmu" -> Optional.of(PCMU);
      case "pcma" -> Optional.of(PCMA);
      default -> Optional.empty();
    };
  }

  /** The law where it is given, empty where it is to be detected. */
  Optional<G711Law> law() {
    return switch (this) {
      case AUTO -> Optional.empty();
      case PCMU -> Optional.of(G711Law.PCMU);
      case PCMA -> Optional.of(G711Law.PCMA);
    };
  }

  String parameter() {
    return name().toLowerCase(Locale.ROOT);
  }
}
