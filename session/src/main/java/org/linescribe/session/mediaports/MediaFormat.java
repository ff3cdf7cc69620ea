package org.linescribe.session.mediaports;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.linescribe.media.codec.AudioCodec;

/**
 * What a sender without signalling may send, by Asterisk's name of the format, with the payload
 * types that Asterisk numbers it with.
 *
 * <p>Source: Asterisk, main/rtp_engine.c, its static payload types. Two stand for {@code slin}, of
 * which Asterisk sends the first.
 */
public enum MediaFormat {
  ULAW(AudioCodec.PCMU, 0),
  ALAW(AudioCodec.PCMA, 8),
  G722(AudioCodec.G722, 9),
  SLIN(AudioCodec.L16, 10, 11),
  SLIN16(AudioCodec.L16_WIDEBAND, 118),
  OPUS(AudioCodec.OPUS, 107);

  private final AudioCodec codec;
  private final List<Integer> payloadTypes;

  MediaFormat(AudioCodec codec, Integer... payloadTypes) {
    this.codec = codec;
    this.payloadTypes = List.of(payloadTypes);
  }

  /** Asterisk's name of it: "ulaw". */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param word Asterisk's name of a format
   */
  public static Optional<MediaFormat> of(String word) {
    return Arrays.stream(values()).filter(format -> format.word().equals(word)).findFirst();
  }

  public AudioCodec codec() {
    return codec;
  }

  /** At least one, 0..127. */
  public List<Integer> payloadTypes() {
    return payloadTypes;
  }
}
