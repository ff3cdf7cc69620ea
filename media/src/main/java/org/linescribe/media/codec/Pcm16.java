package org.linescribe.media.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** 16-bit samples as files and programs write them: two bytes each, little endian. */
public final class Pcm16 {
  private Pcm16() {}

  public static byte[] bytes(short[] pcm) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * pcm.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(pcm);
    return bytes.array();
  }

  /**
   * @param length even
   */
  public static short[] samples(byte[] bytes, int offset, int length) {
    short[] pcm = new short[length / Short.BYTES];
    ByteBuffer.wrap(bytes, offset, length).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(pcm);
    return pcm;
  }
}
