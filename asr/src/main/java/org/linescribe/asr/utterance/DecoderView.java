package org.linescribe.asr.utterance;

/**
 * Another way to ask a decoder, which takes what that takes. The decoder stays the caller's.
 *
 * <p>Thread: as the decoder's, unless said otherwise.
 */
abstract class DecoderView implements WholeDecoder {
  final WholeDecoder decoder;

  DecoderView(WholeDecoder decoder) {
    this.decoder = decoder;
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
  public void close() {
    // The decoder's owner closes it.
  }
}
