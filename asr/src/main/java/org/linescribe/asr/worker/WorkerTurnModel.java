package org.linescribe.asr.worker;

import org.linescribe.asr.utterance.TurnModel;

/** The workers' model of turns. Thread: any, several at once. The pool stays the decoder's. */
public final class WorkerTurnModel implements TurnModel {
  private final WorkerPool pool;

  public WorkerTurnModel(WorkerPool pool) {
    this.pool = pool;
  }

  @Override
  public double finished(float[] pcm) {
    return pool.call(
        request -> request.put(pcm.length).putSamples(pcm, 0, pcm.length),
        Messages.TURN,
        Frame::getDouble);
  }

  @Override
  public void close() {
    // With the decoder.
  }
}
