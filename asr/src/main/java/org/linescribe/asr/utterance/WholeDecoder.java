package org.linescribe.asr.utterance;

import org.linescribe.asr.Hypothesis;

/**
 * Decodes a piece of audio at once.
 *
 * <p>Thread: any, several at once; {@link #decode} blocks.
 */
public interface WholeDecoder extends AutoCloseable {
  /** The rate of the audio that it takes. */
  int sampleRateHz();

  /** The most audio that it takes at once, in ms. */
  int maxMs();

  /** Whether the tokens' times mean something; else they are the audio's start. */
  boolean isTimed();

  /**
   * @param pcm mono in [-1, 1]; borrowed
   * @param startMs where it begins on the leg's timeline
   * @return its text, with tokens where the decoder knows them
   */
  Hypothesis decode(float[] pcm, long startMs);

  /**
   * Makes ready to be told a language. Blocks, for up to some seconds, where the model is loaded
   * for it.
   *
   * @param language a BCP 47 tag
   * @return false where this finds out what is spoken, and cannot be told this language now
   */
  default boolean prepare(String language) {
    return true;
  }

  /**
   * This decoder, told what is spoken: a view that its owner need not close. One that cannot be
   * told, or was not prepared for it, decodes as ever.
   *
   * @param language a BCP 47 tag; empty where it is not known
   */
  default WholeDecoder speaking(String language) {
    return this;
  }

  @Override
  void close();
}
