package org.linescribe.asr.offline;

import org.linescribe.asr.Hypothesis;

/**
 * Decodes a piece of audio at once.
 *
 * <p>Thread: any, several at once; {@link #decode} blocks.
 */
public interface WholeDecoder extends AutoCloseable {
  /**
   * @param pcm mono in [-1, 1]; borrowed
   * @param startMs where it begins on the leg's timeline
   * @return its text, with tokens where the decoder knows them
   */
  Hypothesis decode(float[] pcm, long startMs);

  @Override
  void close();
}
