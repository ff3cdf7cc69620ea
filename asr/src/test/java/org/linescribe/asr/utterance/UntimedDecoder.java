package org.linescribe.asr.utterance;

/** What the decoders of these tests have in common: 9 s of 16 kHz at once, and no times. */
abstract class UntimedDecoder implements WholeDecoder {
  @Override
  public final int sampleRateHz() {
    return 16_000;
  }

  @Override
  public final int maxMs() {
    return 9000;
  }

  @Override
  public final boolean isTimed() {
    return false;
  }

  @Override
  public final void close() {
    // Nothing to free.
  }
}
