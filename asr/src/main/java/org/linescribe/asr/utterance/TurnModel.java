package org.linescribe.asr.utterance;

/**
 * Says by what was said, and how, whether a speaker has finished.
 *
 * <p>Thread: any, several at once. Owner: whoever opened it closes it.
 */
public interface TurnModel extends AutoCloseable {
  /** The rate of the audio that it hears. */
  int SAMPLE_RATE_HZ = 16_000;

  /**
   * @param pcm mono in [-1, 1], up to where a pause has begun; borrowed
   * @return how likely it is that the speaker has finished, 0 to 1
   */
  double finished(float[] pcm);

  @Override
  void close();
}
