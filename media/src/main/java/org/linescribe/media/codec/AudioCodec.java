package org.linescribe.media.codec;

import java.util.Arrays;
import java.util.Optional;
import org.linescribe.media.g711.G711Law;

/**
 * A codec of RTP audio. All are decoded to 8 kHz, the rate of a call's timeline.
 *
 * <p>Thread: any; immutable. Source: RFC 3551 §4.5.2, §4.5.11, §4.5.14, §6; RFC 7587 §4, §7.
 */
public enum AudioCodec {
  /** G.711 μ-law. */
  PCMU("PCMU/8000", 0, G711Law.SAMPLE_RATE_HZ),
  /** G.711 A-law. */
  PCMA("PCMA/8000", 8, G711Law.SAMPLE_RATE_HZ),
  /** G.722 at 64 kbit/s. Its RTP clock is 8 kHz though it samples at 16 (RFC 3551 §4.5.2). */
  G722("G722/8000", 9, 8000),
  /** Opus. Its RTP clock is 48 kHz whatever its bandwidth, and SDP always says two channels. */
  OPUS("opus/48000/2", 111, 48_000),
  /**
   * 16-bit PCM at 8 kHz in network byte order. RFC 3551 has no static payload type for it; 11,
   * which it gives the same at 44.1 kHz, is what Asterisk takes.
   */
  L16("L16/8000", 11, 8000),
  /** 16-bit PCM at 16 kHz in network byte order; 118 is Asterisk's payload type. */
  L16_WIDEBAND("L16/16000", 118, 16_000);

  /** Rate of the decoded samples. */
  public static final int SAMPLE_RATE_HZ = 8000;

  /** Most samples of a payload: 200 ms of G.711. */
  public static final int MAX_SAMPLES = 1600;

  private static final int OPUS_SILENCE_SAMPLES = 160;

  private final String encoding;
  private final int payloadType;
  private final int clockRateHz;

  AudioCodec(String encoding, int payloadType, int clockRateHz) {
    this.encoding = encoding;
    this.payloadType = payloadType;
    this.clockRateHz = clockRateHz;
  }

  /**
   * @param encoding as an rtpmap has it, "opus/48000/2", in any case
   */
  public static Optional<AudioCodec> of(String encoding) {
    return Arrays.stream(values())
        .filter(codec -> codec.encoding.equalsIgnoreCase(encoding))
        .findFirst();
  }

  /** Name, clock rate and channels of its rtpmap. */
  public String encoding() {
    return encoding;
  }

  /** The static payload type; of Opus, which has none, the one that browsers use. */
  public int payloadType() {
    return payloadType;
  }

  /** Ticks of its RTP clock for each sample of the timeline: 1, 2 at 16 kHz, or 6 for Opus. */
  public int ticksPerSample() {
    return clockRateHz / SAMPLE_RATE_HZ;
  }

  /**
   * How long a payload lasts.
   *
   * @return samples at 8 kHz; 0 for a payload that the codec cannot read
   */
  public int samples(byte[] payload, int offset, int length) {
    return switch (this) {
      case PCMU, PCMA, G722 -> length;
      case L16, L16_WIDEBAND -> length / (Short.BYTES * ticksPerSample());
      case OPUS -> OpusStreamDecoder.samples(payload, offset, length);
    };
  }

  /** Most bytes that a payload may have: 200 ms, and no less for Opus, whose rate varies. */
  public int maxPayloadBytes() {
    return switch (this) {
      case PCMU, PCMA, G722, OPUS -> MAX_SAMPLES;
      case L16, L16_WIDEBAND -> MAX_SAMPLES * Short.BYTES * ticksPerSample();
    };
  }

  /** A decoder for one stream. */
  public AudioDecoder newDecoder() {
    return switch (this) {
      case PCMU -> g711(G711Law.PCMU);
      case PCMA -> g711(G711Law.PCMA);
      case G722 -> new G722Decoder();
      case OPUS -> new OpusStreamDecoder();
      case L16, L16_WIDEBAND -> new LinearDecoder(clockRateHz);
    };
  }

  /** An encoder for one stream. */
  public AudioEncoder newEncoder() {
    return switch (this) {
      case PCMU -> encoder(G711Law.PCMU);
      case PCMA -> encoder(G711Law.PCMA);
      case G722 -> new G722Encoder();
      case OPUS -> new OpusStreamEncoder();
      case L16, L16_WIDEBAND -> new LinearEncoder(ticksPerSample());
    };
  }

  private static AudioEncoder encoder(G711Law law) {
    return (pcm, offset, samples) -> {
      byte[] payload = new byte[samples];
      law.encode(pcm, offset, samples, payload, 0);
      return payload;
    };
  }

  private static AudioDecoder g711(G711Law law) {
    return (payload, offset, length, pcm) -> {
      law.decode(payload, offset, length, pcm, 0);
      return length;
    };
  }

  /** Whether packets of silence may have that length; others are of 20 ms. */
  public boolean hasSilenceOf(int samples) {
    return this != OPUS || samples == OPUS_SILENCE_SAMPLES;
  }

  /**
   * A payload of silence, the same for every packet.
   *
   * @param samples a length that {@link #hasSilenceOf}
   */
  public byte[] silence(int samples) {
    if (this == OPUS) {
      // CELT, fullband, one frame of 20 ms, of which nothing is coded.
      return new byte[] {(byte) 0xF8, (byte) 0xFF, (byte) 0xFE};
    }
    if (this == L16 || this == L16_WIDEBAND) {
      return new byte[samples * Short.BYTES * ticksPerSample()];
    }
    byte[] payload = new byte[samples];
    int code =
        switch (this) {
          case PCMU -> G711Law.PCMU.idleCode();
          case PCMA -> G711Law.PCMA.idleCode();
          case G722, OPUS, L16, L16_WIDEBAND -> G722Decoder.IDLE_CODE;
        };
    Arrays.fill(payload, (byte) code);
    return payload;
  }
}
