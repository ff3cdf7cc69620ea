package org.linescribe.asr;

/**
 * Receives what a stream recognises.
 *
 * <p>Thread: a decode thread, one call at a time per stream; must not block and may not call back
 * into {@link RecogniserStream#close} of another stream.
 */
public interface RecogniserListener {
  /** The text of the open utterance changed. */
  void onHypothesis(Hypothesis hypothesis);

  /**
   * The open utterance is complete; its text is not empty. The next result is of a new utterance.
   *
   * @param decodedToMs end of the audio on the leg's timeline that this and earlier utterances
   *     account for; a stream that replaces this one needs the audio from here on
   */
  void onEndpoint(Hypothesis hypothesis, long decodedToMs);

  /** The stream is dead. No call follows. */
  void onFailure(RecogniserException failure);
}
