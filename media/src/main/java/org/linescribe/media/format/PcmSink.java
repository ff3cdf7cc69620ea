package org.linescribe.media.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where decoded audio goes.
 *
 * <p>Thread: the decoder's own, one call at a time. It may block: that is the back-pressure, and
 * the child then waits. Whoever blocks in it must come back by himself when the decoder is closed;
 * it is not interrupted, because that would close a file channel under the writer.
 */
@FunctionalInterface
public interface PcmSink {
  /**
   * @param pcm whole frames, interleaved, little endian 16-bit; borrowed
   * @throws IOException ends the decoding as {@link DecodeException.Reason#SINK_FAILED}
   */
  void accept(ByteBuffer pcm) throws IOException;

  /** Takes samples instead of bytes. */
  @FunctionalInterface
  interface Samples {
    /**
     * @param pcm interleaved; borrowed
     */
    void accept(short[] pcm, int offset, int samples) throws IOException;
  }

  static PcmSink samples(Samples target) {
    return bytes -> {
      short[] pcm = new short[bytes.remaining() / Short.BYTES];
      bytes.order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(pcm);
      target.accept(pcm, 0, pcm.length);
    };
  }
}
