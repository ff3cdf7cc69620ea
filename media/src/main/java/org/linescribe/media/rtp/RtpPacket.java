package org.linescribe.media.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Objects;

/**
 * A view of one RTP packet in a datagram, made once and pointed at packet after packet.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * |                           timestamp                           |
 * |           synchronization source (SSRC) identifier            |
 * |            contributing source (CSRC) identifiers             |
 * |      defined by profile       |           length              |  when X is set
 * |                        header extension                       |
 * |                 payload …     | padding … | padding count     |
 * </pre>
 *
 * <p>Unsigned 16-bit fields are {@code int}, unsigned 32-bit fields {@code long}. The accessors are
 * valid only after {@link #parse} returned {@link RtpDefect#NONE}, and while the datagram is.
 *
 * <p>Ownership: borrows the datagram, moves neither of its indices, releases nothing. Thread: the
 * session's event loop. Errors: bytes from the wire never throw. Source: RFC 3550 §5.1, §5.3.1.
 */
public final class RtpPacket {
  /** Length of the header without CSRC list and extension. */
  public static final int FIXED_HEADER_BYTES = 12;

  static final int VERSION = 2;

  private ByteBuf datagram = Unpooled.EMPTY_BUFFER;
  private int start;
  private int firstByte;
  private int secondByte;
  private int extensionOffset;
  private int extensionBytes;
  private int payloadOffset;
  private int payloadBytes;
  private int paddingBytes;

  /**
   * Points this view at the readable bytes of a datagram.
   *
   * @return {@link RtpDefect#NONE}, or why the bytes are no packet; then the view is unusable
   */
  public RtpDefect parse(ByteBuf datagram) {
    int begin = datagram.readerIndex();
    int length = datagram.readableBytes();
    if (length < FIXED_HEADER_BYTES) {
      return RtpDefect.TOO_SHORT;
    }
    int first = datagram.getUnsignedByte(begin);
    int second = datagram.getUnsignedByte(begin + 1);
    if (first >> 6 != VERSION) {
      return RtpDefect.BAD_VERSION;
    }
    if (second >= 192 && second <= 223) {
      return RtpDefect.RTCP;
    }
    int header = FIXED_HEADER_BYTES + 4 * (first & 0x0F);
    if (header > length) {
      return RtpDefect.CSRC_BEYOND_END;
    }
    int extension = header;
    int extensionLength = 0;
    if ((first & 0x10) != 0) {
      if (header + 4 > length) {
        return RtpDefect.EXTENSION_BEYOND_END;
      }
      extensionLength = 4 * datagram.getUnsignedShort(begin + header + 2);
      extension = header + 4;
      header = extension + extensionLength;
      if (header > length) {
        return RtpDefect.EXTENSION_BEYOND_END;
      }
    }
    int padding = 0;
    if ((first & 0x20) != 0) {
      padding = datagram.getUnsignedByte(begin + length - 1);
      if (padding == 0 || padding > length - header) {
        return RtpDefect.BAD_PADDING;
      }
    }
    this.datagram = datagram;
    this.start = begin;
    this.firstByte = first;
    this.secondByte = second;
    this.extensionOffset = begin + extension;
    this.extensionBytes = extensionLength;
    this.payloadOffset = begin + header;
    this.payloadBytes = length - header - padding;
    this.paddingBytes = padding;
    return RtpDefect.NONE;
  }

  public boolean marker() {
    return (secondByte & 0x80) != 0;
  }

  /** 0..127. */
  public int payloadType() {
    return secondByte & 0x7F;
  }

  /** 0..65535. */
  public int sequenceNumber() {
    return datagram.getUnsignedShort(start + 2);
  }

  /** 0..2^32-1, in ticks of the payload's clock. */
  public long timestamp() {
    return datagram.getUnsignedInt(start + 4);
  }

  /**
   * Overwrites the timestamp in the datagram.
   *
   * @param ticks its low 32 bits
   */
  public void timestamp(long ticks) {
    datagram.setInt(start + 4, (int) ticks);
  }

  /** 0..2^32-1. */
  public long ssrc() {
    return datagram.getUnsignedInt(start + 8);
  }

  /** 0..15. */
  public int csrcCount() {
    return firstByte & 0x0F;
  }

  /**
   * @param index 0 up to {@link #csrcCount}
   */
  public long csrc(int index) {
    Objects.checkIndex(index, csrcCount());
    return datagram.getUnsignedInt(start + FIXED_HEADER_BYTES + 4 * index);
  }

  public boolean hasExtension() {
    return (firstByte & 0x10) != 0;
  }

  /** The 16 bits "defined by profile", 0xBEDE for RFC 8285's one-byte form; 0 without extension. */
  public int extensionProfile() {
    return hasExtension() ? datagram.getUnsignedShort(extensionOffset - 4) : 0;
  }

  /** The extension's words as a borrowed slice, empty without extension. */
  public ByteBuf extension() {
    return datagram.slice(extensionOffset, extensionBytes);
  }

  /** Bytes of payload without padding; may be 0. */
  public int payloadBytes() {
    return payloadBytes;
  }

  /** Bytes of padding, its count included; 0 without. */
  public int paddingBytes() {
    return paddingBytes;
  }

  /** The payload as a borrowed slice: valid while the datagram is. */
  public ByteBuf payload() {
    return datagram.slice(payloadOffset, payloadBytes);
  }

  /**
   * Copies the payload into the caller's array.
   *
   * @return {@link #payloadBytes}
   */
  public int copyPayload(byte[] dst, int offset) {
    datagram.getBytes(payloadOffset, dst, offset, payloadBytes);
    return payloadBytes;
  }

  /**
   * Appends a packet without CSRC, extension or padding: what an ordinary sender sends.
   *
   * @param dst written from its writer index on; borrowed
   * @param payloadType 0..127
   * @param sequenceNumber its low 16 bits are sent
   * @param timestamp its low 32 bits are sent
   * @param ssrc its low 32 bits are sent
   */
  public static void write(
      ByteBuf dst,
      boolean marker,
      int payloadType,
      int sequenceNumber,
      long timestamp,
      long ssrc,
      byte[] payload,
      int offset,
      int length) {
    checkPayloadType(payloadType);
    dst.writeByte(VERSION << 6);
    dst.writeByte((marker ? 0x80 : 0) | payloadType);
    dst.writeShort(sequenceNumber);
    dst.writeInt((int) timestamp);
    dst.writeInt((int) ssrc);
    dst.writeBytes(payload, offset, length);
  }

  static void checkPayloadType(int payloadType) {
    if (payloadType < 0 || payloadType > 127) {
      throw new IllegalArgumentException("payloadType: " + payloadType + " (expected: 0..127)");
    }
  }
}
