package org.linescribe.asr.offline;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.queued.QueuedStream;

/** One leg on a model that decodes whole utterances. Thread: turns on the decode threads. */
final class OfflineStream extends QueuedStream {
  /** Pieces that a stream may keep a thread for while others wait. */
  private static final int PIECES_PER_TURN = 50;

  private final OpenUtterance utterance;

  OfflineStream(
      Executor workers,
      RecogniserListener listener,
      OpenUtterance utterance,
      int sampleRateHz,
      long boundSamples,
      Consumer<? super QueuedStream> onEnd) {
    super(workers, listener, sampleRateHz, boundSamples, onEnd);
    this.utterance = utterance;
  }

  /** What a replacement would have to be told again, the open window included. */
  @Override
  public long queuedMs() {
    return backlogMs() + utterance.undecidedMs();
  }

  @Override
  protected void turn() {
    for (int i = 0; i < PIECES_PER_TURN; i++) {
      @Nullable Input next = next();
      if (next == null) {
        return;
      }
      switch (next) {
        case Input.Audio audio -> {
          utterance.hear(audio.pcm(), peek() instanceof Input.Audio);
          passed(audio);
        }
        case Input.Silence(long samples) -> utterance.skip(samples);
        case Input.Flush flush -> {
          utterance.finish();
          complete(flush);
        }
      }
    }
    wake();
  }

  @Override
  protected void release() {
    // Its memory is all that it has.
  }
}
