package org.linescribe.asr.chunked;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/**
 * A stretch of a leg's audio on a recogniser stream of its own. Its results wait until those of the
 * chunk before it are told.
 *
 * <p>Thread: its {@link ChunkedStream}'s; the listener only queues.
 */
final class Chunk implements RecogniserListener {
  private sealed interface Result {
    record Revised(Hypothesis hypothesis) implements Result {}

    record Completed(Hypothesis hypothesis, long decodedToMs) implements Result {}
  }

  private final long startPosition;
  private final LegReader audio;
  private final RecogniserStream stream;
  private final Runnable wake;
  private final Queue<Result> results = new ConcurrentLinkedQueue<>();
  private boolean cut;
  private volatile boolean flushed;
  private volatile @Nullable RecogniserException failure;

  /**
   * @param leg holds the audio from {@code startPosition} on
   * @param wake called by any thread when there are results, or space
   */
  Chunk(
      Recogniser recogniser,
      LegReader leg,
      long startPosition,
      StreamOptions options,
      Runnable wake) {
    this.startPosition = startPosition;
    this.wake = wake;
    this.audio = leg.fork(startPosition, wake);
    try {
      this.stream = recogniser.open(audio, options, this);
    } catch (RuntimeException refused) {
      audio.close();
      throw refused;
    }
  }

  long startPosition() {
    return startPosition;
  }

  /** The chunk reaches to here by now. */
  void extendTo(long position) {
    audio.limit(position);
  }

  /** So much of it is undecoded that it must not grow. */
  boolean isFull() {
    return audio.isFull();
  }

  /** It ends where it reaches to. */
  void cut() {
    if (cut) {
      return;
    }
    cut = true;
    stream
        .flush()
        .whenComplete(
            (nothing, thrown) -> {
              if (thrown != null) {
                failure =
                    thrown instanceof RecogniserException known
                        ? known
                        : new RecogniserException("a chunk failed: " + thrown, thrown);
              }
              flushed = true;
              wake.run();
            });
  }

  boolean isCut() {
    return cut;
  }

  /**
   * Tells the results since; true when the chunk is done and there is nothing more to tell.
   *
   * @throws RecogniserException what its stream failed with
   */
  boolean tell(RecogniserListener listener) {
    boolean done = flushed;
    for (Result next = results.poll(); next != null; next = results.poll()) {
      switch (next) {
        case Result.Revised(Hypothesis hypothesis) -> listener.onHypothesis(hypothesis);
        case Result.Completed(Hypothesis hypothesis, long decodedToMs) ->
            listener.onEndpoint(hypothesis, decodedToMs);
      }
    }
    RecogniserException failed = failure;
    if (failed != null) {
      throw failed;
    }
    return done;
  }

  void close() {
    stream.close();
  }

  @Override
  public void onHypothesis(Hypothesis hypothesis) {
    results.add(new Result.Revised(hypothesis));
    wake.run();
  }

  @Override
  public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
    results.add(new Result.Completed(hypothesis, decodedToMs));
    wake.run();
  }

  @Override
  public void onFailure(RecogniserException thrown) {
    failure = thrown;
    wake.run();
  }
}
