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
   * @param pcm whole frames, interleaved, little endian in the request's format; borrowed
   * @throws IOException ends the decoding as {@link DecodeException.Reason#SINK_FAILED}
   */
  void accept(ByteBuffer pcm) throws IOException;

  /** Takes samples as floats in [-1, 1]. */
  @FunctionalInterface
  interface Floats {
    /**
     * @param samples interleaved; borrowed
     */
    void accept(float[] samples, int offset, int length) throws IOException;
  }

  /** A sink for a request with {@link SampleFormat#FLOAT32}. */
  static PcmSink floats(Floats target) {
    float[][] scratch = {new float[0]};
    return pcm -> {
      int length = pcm.remaining() / Float.BYTES;
      if (scratch[0].length < length) {
        scratch[0] = new float[length];
      }
      pcm.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(scratch[0], 0, length);
      target.accept(scratch[0], 0, length);
    };
  }
}
