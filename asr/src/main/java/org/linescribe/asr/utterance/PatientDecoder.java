package org.linescribe.asr.utterance;

import java.util.function.BooleanSupplier;
import org.linescribe.asr.Hypothesis;

/**
 * For what is decoded in many tries, as a split is: before each of them it lets pass what must not
 * wait for all of them.
 *
 * <p>Thread: a decode thread, one at a time. The decoder stays the caller's.
 */
final class PatientDecoder implements WholeDecoder {
  private final WholeDecoder decoder;
  private final BooleanSupplier runUrgent;

  /**
   * @param runUrgent runs the most urgent of what waits on the caller's thread; false where nothing
   *     does
   */
  PatientDecoder(WholeDecoder decoder, BooleanSupplier runUrgent) {
    this.decoder = decoder;
    this.runUrgent = runUrgent;
  }

  @Override
  public int sampleRateHz() {
    return decoder.sampleRateHz();
  }

  @Override
  public int maxMs() {
    return decoder.maxMs();
  }

  @Override
  public boolean isTimed() {
    return decoder.isTimed();
  }

  @Override
  public Hypothesis decode(float[] pcm, long startMs) {
    while (runUrgent.getAsBoolean()) {
      // Until nothing is urgent.
    }
    return decoder.decode(pcm, startMs);
  }

  @Override
  public void close() {
    // The decoder's owner closes it.
  }
}
