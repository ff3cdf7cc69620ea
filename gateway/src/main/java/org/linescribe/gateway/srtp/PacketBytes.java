package org.linescribe.gateway.srtp;

import io.netty.buffer.ByteBuf;
import org.jitsi.utils.ByteArrayBuffer;

/** The packet that the library works on: an array of fixed size, used again for each packet. */
final class PacketBytes implements ByteArrayBuffer {
  private static final int MAX_PACKET_BYTES = 2048;

  private final byte[] array = new byte[MAX_PACKET_BYTES + SrtpSession.maxGrowthBytes()];
  private int length;

  /** Copies a packet in; false when it is too long. */
  boolean read(ByteBuf packet) {
    length = packet.readableBytes();
    if (length > MAX_PACKET_BYTES) {
      return false;
    }
    packet.getBytes(packet.readerIndex(), array, 0, length);
    return true;
  }

  /** Copies the packet back. */
  void write(ByteBuf packet) {
    packet.writerIndex(packet.readerIndex());
    packet.writeBytes(array, 0, length);
  }

  @Override
  public byte[] getBuffer() {
    return array;
  }

  @Override
  public int getOffset() {
    return 0;
  }

  @Override
  public int getLength() {
    return length;
  }

  @Override
  public void setLength(int length) {
    this.length = length;
  }

  @Override
  public void setOffset(int offset) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isInvalid() {
    return false;
  }

  @Override
  public void readRegionToBuff(int offset, int count, byte[] to) {
    System.arraycopy(array, offset, to, 0, count);
  }

  @Override
  public void grow(int count) {
    if (length + count > array.length) {
      throw new IllegalArgumentException("grow by " + count);
    }
  }

  @Override
  public void append(byte[] data, int count) {
    System.arraycopy(data, 0, array, length, count);
    length += count;
  }

  @Override
  public void shrink(int count) {
    length = Math.max(0, length - count);
  }
}
