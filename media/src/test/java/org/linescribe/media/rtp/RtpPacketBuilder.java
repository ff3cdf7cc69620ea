package org.linescribe.media.rtp;

import io.netty.buffer.ByteBuf;

/**
 * Builds RTP packets with everything that the format allows; reusable for packet after packet.
 *
 * <p>For packets of the ordinary form {@link RtpPacket#write} is shorter and allocates nothing.
 * Thread: one at a time. Source: RFC 3550 §5.1, §5.3.1.
 */
public final class RtpPacketBuilder {
  private static final byte[] NOTHING = {};

  private boolean marker;
  private int payloadType;
  private int sequenceNumber;
  private long timestamp;
  private long ssrc;
  private long[] csrcs = {};
  private boolean hasExtension;
  private int extensionProfile;
  private byte[] extension = NOTHING;
  private byte[] payload = NOTHING;
  private int paddingBytes;

  public RtpPacketBuilder marker(boolean value) {
    marker = value;
    return this;
  }

  /**
   * @param value 0..127
   */
  public RtpPacketBuilder payloadType(int value) {
    RtpPacket.checkPayloadType(value);
    payloadType = value;
    return this;
  }

  /** The low 16 bits are sent. */
  public RtpPacketBuilder sequenceNumber(int value) {
    sequenceNumber = value;
    return this;
  }

  /** The low 32 bits are sent. */
  public RtpPacketBuilder timestamp(long value) {
    timestamp = value;
    return this;
  }

  /** The low 32 bits are sent. */
  public RtpPacketBuilder ssrc(long value) {
    ssrc = value;
    return this;
  }

  /** At most 15 sources. */
  public RtpPacketBuilder csrcs(long... values) {
    if (values.length > 15) {
      throw new IllegalArgumentException("csrcs: " + values.length + " (expected: 0..15)");
    }
    csrcs = values.clone();
    return this;
  }

  /**
   * @param profile the 16 bits "defined by profile"
   * @param words whole 32-bit words, at most 65535 of them; copied
   */
  public RtpPacketBuilder extension(int profile, byte[] words) {
    if (words.length % 4 != 0 || words.length > 4 * 0xFFFF) {
      throw new IllegalArgumentException(
          "extension: " + words.length + " bytes (expected: a multiple of 4 up to 262140)");
    }
    hasExtension = true;
    extensionProfile = profile;
    extension = words.clone();
    return this;
  }

  /** Copied. */
  public RtpPacketBuilder payload(byte[] value) {
    payload = value.clone();
    return this;
  }

  /**
   * @param value bytes of padding, the count included: 0..255
   */
  public RtpPacketBuilder paddingBytes(int value) {
    if (value < 0 || value > 255) {
      throw new IllegalArgumentException("paddingBytes: " + value + " (expected: 0..255)");
    }
    paddingBytes = value;
    return this;
  }

  /** Appends the packet at {@code dst}'s writer index; borrowed. */
  public void writeTo(ByteBuf dst) {
    dst.writeByte(
        RtpPacket.VERSION << 6
            | (paddingBytes > 0 ? 0x20 : 0)
            | (hasExtension ? 0x10 : 0)
            | csrcs.length);
    dst.writeByte((marker ? 0x80 : 0) | payloadType);
    dst.writeShort(sequenceNumber);
    dst.writeInt((int) timestamp);
    dst.writeInt((int) ssrc);
    for (long csrc : csrcs) {
      dst.writeInt((int) csrc);
    }
    if (hasExtension) {
      dst.writeShort(extensionProfile);
      dst.writeShort(extension.length / 4);
      dst.writeBytes(extension);
    }
    dst.writeBytes(payload);
    if (paddingBytes > 0) {
      dst.writeZero(paddingBytes - 1);
      dst.writeByte(paddingBytes);
    }
  }
}
