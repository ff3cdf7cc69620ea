package org.linescribe.gateway.sdp;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.linescribe.media.codec.AudioCodec;

/** Codecs among which the caller's order decides; between them ours does. */
public enum CodecChoice {
  /** Both laws cost the same. */
  G711(EnumSet.of(AudioCodec.PCMU, AudioCodec.PCMA)),
  G722(EnumSet.of(AudioCodec.G722)),
  OPUS(EnumSet.of(AudioCodec.OPUS));

  private final Set<AudioCodec> codecs;

  CodecChoice(Set<AudioCodec> codecs) {
    this.codecs = codecs;
  }

  public Set<AudioCodec> codecs() {
    return codecs;
  }

  /**
   * @param names of a setting, the preferred one first
   * @throws IllegalArgumentException where one is unknown, or none is given
   */
  public static List<CodecChoice> parse(String setting, List<String> names) {
    try {
      List<CodecChoice> choices =
          names.stream()
              .map(name -> valueOf(name.strip().toUpperCase(Locale.ROOT)))
              .distinct()
              .toList();
      if (!choices.isEmpty()) {
        return choices;
      }
    } catch (IllegalArgumentException e) {
      // Said below, with the setting's name.
    }
    throw new IllegalArgumentException(
        setting + ": '" + String.join(",", names) + "' (expected: a list of g711, g722, opus)");
  }
}
