package org.linescribe.insights;

import java.util.List;
import java.util.function.Consumer;

/**
 * The steps that follow a transcription. Each returns what it found or the reason why it was
 * skipped; none invents an answer.
 *
 * <p>Thread: any, several at once. Every step blocks until it is done and ends early with {@link
 * InterruptedException} when its thread is interrupted.
 *
 * <p>Errors: {@link InsightsException} when a step was tried and failed. A caller reports the
 * failure and goes on: the transcript stays useful without the step.
 */
public interface Insights extends AutoCloseable {
  /** The implementation, "rules" or "openai". */
  String provider();

  /**
   * Translates into the provider's target language.
   *
   * @param chunks receives each translated chunk as soon as it is complete, in order, on the
   *     calling thread
   */
  Outcome<Translation> translate(Transcript transcript, Consumer<Translation.Chunk> chunks)
      throws InterruptedException;

  /** Phone numbers, cards, e-mail addresses, dates, money, numbers, in the order of the text. */
  Outcome<List<Entity>> entities(Transcript transcript) throws InterruptedException;

  Outcome<Classification> classify(Transcript transcript) throws InterruptedException;

  /** Checks the call against the taxonomy's checklist. */
  Outcome<QaEvaluation> evaluate(Transcript transcript) throws InterruptedException;

  /** A few sentences; card numbers in them are masked. */
  Outcome<String> summarise(Transcript transcript) throws InterruptedException;

  @Override
  void close();
}
