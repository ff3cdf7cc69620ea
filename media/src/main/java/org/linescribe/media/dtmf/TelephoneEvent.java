package org.linescribe.media.dtmf;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * One telephone-event payload.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     event     |E|R| volume    |          duration             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>Thread: any; immutable. Errors: bytes from the wire never throw, {@link #parse} is empty.
 * Source: RFC 4733 §2.3, §3.2.
 *
 * @param event 0..255: 0..9, 10 "*", 11 "#", 12..15 A..D, 16 flash
 * @param end the event is over; sent three times
 * @param volume 0..63, power level in -dBm0
 * @param durationTicks 0..65535 since the packet's timestamp, in ticks of the RTP clock
 */
public record TelephoneEvent(int event, boolean end, int volume, int durationTicks) {
  public static final int PAYLOAD_BYTES = 4;

  private static final String DIGITS = "0123456789*#ABCD";

  public TelephoneEvent {
    check("event", event, 255);
    check("volume", volume, 63);
    check("durationTicks", durationTicks, 0xFFFF);
  }

  /**
   * Reads a payload; borrowed, its indices stay.
   *
   * @return empty when it is shorter than 4 bytes. Bytes beyond are further events of an old form
   *     (RFC 2833 §3.8) and are ignored, as is the reserved bit
   */
  public static Optional<TelephoneEvent> parse(ByteBuf payload) {
    if (payload.readableBytes() < PAYLOAD_BYTES) {
      return Optional.empty();
    }
    int word = payload.getInt(payload.readerIndex());
    return Optional.of(
        new TelephoneEvent(word >>> 24, (word & 0x80_0000) != 0, word >> 16 & 0x3F, word & 0xFFFF));
  }

  /** Appends the 4 bytes at {@code dst}'s writer index; borrowed. */
  public void writeTo(ByteBuf dst) {
    dst.writeInt(event << 24 | (end ? 0x80_0000 : 0) | volume << 16 | durationTicks);
  }

  /** The key that was pressed, empty for an event that is no DTMF digit. */
  public Optional<Character> digit() {
    return event < DIGITS.length() ? Optional.of(DIGITS.charAt(event)) : Optional.empty();
  }

  private static void check(String name, int value, int max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 0.." + max + ")");
    }
  }
}
