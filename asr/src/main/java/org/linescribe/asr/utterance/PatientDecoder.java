package org.linescribe.asr.utterance;

import org.linescribe.asr.Hypothesis;

/**
 * For what is decoded in many tries, as a split is: before each of them it lets pass what must not
 * wait for all of them.
 *
 * <p>Thread: a decode thread, one at a time. The decoder stays the caller's.
 */
final class PatientDecoder extends DecoderView {
  private final Runnable runUrgent;

  /**
   * @param runUrgent runs the most urgent of what waits, if anything does, on the caller's thread
   */
  PatientDecoder(WholeDecoder decoder, Runnable runUrgent) {
    super(decoder);
    this.runUrgent = runUrgent;
  }

  @Override
  public Hypothesis decode(float[] pcm, long startMs) {
    // One a try: where finals keep coming, this goes on all the same.
    runUrgent.run();
    return decoder.decode(pcm, startMs);
  }
}
