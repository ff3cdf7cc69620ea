package org.linescribe.gateway.audiosocket;

import io.netty.buffer.ByteBuf;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * The frames of AudioSocket.
 *
 * <pre>
 * kind(8)  length(16, big endian)  payload(length)
 * </pre>
 *
 * Source: Asterisk, include/asterisk/res_audiosocket.h and res/res_audiosocket.c.
 */
final class AudioSocketFrame {
  static final int HEADER_BYTES = 3;
  static final int MAX_BYTES = HEADER_BYTES + 0xFFFF;

  static final int HANGUP = 0x00;
  static final int UUID_OF_CALL = 0x01;
  static final int DTMF = 0x03;
  static final int ERROR = 0xFF;

  private static final int FIRST_AUDIO = 0x10;

  /** Of the kinds from 0x10 on: 16-bit linear PCM, mono, little endian. */
  private static final int[] RATES_HZ = {
    8000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000
  };

  private AudioSocketFrame() {}

  /** The rate of an audio frame's kind; empty for any other kind. */
  static OptionalInt rateHz(int kind) {
    int index = kind - FIRST_AUDIO;
    return index >= 0 && index < RATES_HZ.length
        ? OptionalInt.of(RATES_HZ[index])
        : OptionalInt.empty();
  }

  /**
   * @param payload borrowed, 16 bytes
   */
  static UUID uuid(ByteBuf payload) {
    return new UUID(payload.readLong(), payload.readLong());
  }
}
