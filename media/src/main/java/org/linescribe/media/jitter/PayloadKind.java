package org.linescribe.media.jitter;

import org.jspecify.annotations.Nullable;
import org.linescribe.media.codec.AudioCodec;

/** What the packets of a payload type carry. */
public enum PayloadKind {
  PCMU(AudioCodec.PCMU),
  PCMA(AudioCodec.PCMA),
  G722(AudioCodec.G722),
  OPUS(AudioCodec.OPUS),
  L16(AudioCodec.L16),
  L16_WIDEBAND(AudioCodec.L16_WIDEBAND),
  /** The source is silent from this timestamp on. Source: RFC 3389. */
  COMFORT_NOISE(null),
  /** Source: RFC 4733. */
  TELEPHONE_EVENT(null),
  /** Not negotiated: takes a sequence number and no time. */
  UNKNOWN(null);

  private final @Nullable AudioCodec codec;

  PayloadKind(@Nullable AudioCodec codec) {
    this.codec = codec;
  }

  /** The kind of a codec's payloads. */
  public static PayloadKind of(AudioCodec codec) {
    return switch (codec) {
      case PCMU -> PCMU;
      case PCMA -> PCMA;
      case G722 -> G722;
      case OPUS -> OPUS;
      case L16 -> L16;
      case L16_WIDEBAND -> L16_WIDEBAND;
    };
  }

  /** The codec of audio, null for what is none. */
  public @Nullable AudioCodec codec() {
    return codec;
  }
}
