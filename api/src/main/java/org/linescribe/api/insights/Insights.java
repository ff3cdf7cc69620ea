package org.linescribe.api.insights;

import java.util.List;
import java.util.function.Consumer;

/**
 * The steps that follow a transcription. Each answers with what it found or says why it did not
 * look; it never makes an answer up.
 *
 * <p>Thread: any, several at once. Every step blocks until it is done and ends early with {@link
 * InterruptedException} when its thread is interrupted.
 *
 * <p>Errors: {@link InsightsException} when a step was tried and failed. The transcript is worth
 * more than a step: a caller reports the failure and goes on.
 */
public interface Insights extends AutoCloseable {
  /** The implementation, "rules" or "openai". */
  String provider();

  /**
   * Translates into the provider's target language.
   *
   * @param chunks told of each part as soon as it is there, in order, on the calling thread
   */
  Outcome<Translation> translate(Transcript transcript, Consumer<Translation.Chunk> chunks)
      throws InterruptedException;

  /** Phone numbers, cards, e-mail addresses, dates, money, numbers, in the order of the text. */
  Outcome<List<Entity>> entities(Transcript transcript) throws InterruptedException;

  Outcome<Classification> classify(Transcript transcript) throws InterruptedException;

  /** Checks the call against a list of what a good call has. */
  Outcome<QaEvaluation> evaluate(Transcript transcript) throws InterruptedException;

  /** A few sentences; card numbers in them are masked. */
  Outcome<String> summarise(Transcript transcript) throws InterruptedException;

  @Override
  void close();
}
