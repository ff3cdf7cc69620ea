package org.linescribe.media.format;

import java.io.IOException;

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
   * @param pcm whole frames, interleaved; the sink's from now on
   * @throws IOException ends the decoding as {@link DecodeException.Reason#SINK_FAILED}
   */
  void accept(short[] pcm) throws IOException;
}
