package org.linescribe.asr.worker;

import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.utterance.WholeDecoder;

/**
 * A model of whole utterances in worker processes. An utterance whose worker ends is decoded by
 * another one.
 *
 * <p>Thread: any, several at once. Owner of the pool.
 */
public final class WorkerDecoder implements WholeDecoder {
  private final WorkerPool pool;
  private final String language;

  /** Takes ownership of the pool. */
  public WorkerDecoder(WorkerPool pool) {
    this(pool, "");
  }

  private WorkerDecoder(WorkerPool pool, String language) {
    this.pool = pool;
    this.language = language;
  }

  @Override
  public boolean prepare(String told) {
    return pool.languages().prepare(RecogniserInfo.primary(told));
  }

  @Override
  public WholeDecoder speaking(String told) {
    return told.equals(language) ? this : new WorkerDecoder(pool, told);
  }

  @Override
  public int sampleRateHz() {
    return pool.served().sampleRateHz();
  }

  @Override
  public int maxMs() {
    return pool.served().maxMs();
  }

  @Override
  public boolean isTimed() {
    return pool.served().isTimed();
  }

  @Override
  public Hypothesis decode(float[] pcm, long startMs) {
    return pool.call(
        language.isEmpty() ? "" : RecogniserInfo.primary(language),
        request ->
            request.put(startMs).put(language).put(pcm.length).putSamples(pcm, 0, pcm.length),
        Messages.WHOLE,
        Messages::readHypothesis);
  }

  /** Ends the workers. */
  @Override
  public void close() {
    pool.close();
  }
}
