package org.linescribe.asr.parts;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/**
 * A stretch of the audio on a stream of its own. Thread: its {@link PartsStream}'s; the listener's
 * calls only leave notes.
 */
final class Part {
  /** What the wrapped stream said, in its order. */
  private sealed interface Said {
    record Revised(Hypothesis hypothesis) implements Said {}

    record Completed(Hypothesis hypothesis, long decodedToMs) implements Said {}
  }

  /**
   * Audio in the wrapped stream's queue: enough to keep its decoder busy, too little to look like a
   * machine that is behind.
   */
  private static final long QUEUED_MS = 1000;

  private final RecogniserStream stream;
  private final Runnable wake;
  private final Queue<Said> said = new ConcurrentLinkedQueue<>();
  private final Deque<float[]> unfed = new ArrayDeque<>();
  private long unfedSamples;
  private long samples;
  private boolean cut;
  private boolean flushing;
  private volatile boolean flushed;
  private volatile @Nullable RecogniserException failure;

  Part(Recogniser recogniser, StreamOptions options, Runnable wake) {
    this.wake = wake;
    this.stream = recogniser.open(options, new Ear());
  }

  void add(float[] pcm) {
    unfed.addLast(pcm);
    unfedSamples += pcm.length;
    samples += pcm.length;
  }

  /** Nothing more will be added. */
  void cut() {
    cut = true;
  }

  boolean isCut() {
    return cut;
  }

  long samples() {
    return samples;
  }

  long unfedSamples() {
    return unfedSamples;
  }

  long queuedMs() {
    return stream.queuedMs();
  }

  /** Passes on what the wrapped stream has room for. */
  void feed() {
    while (!unfed.isEmpty() && stream.queuedMs() < QUEUED_MS) {
      float[] pcm = unfed.getFirst();
      if (!stream.accept(pcm, 0, pcm.length)) {
        return;
      }
      unfed.removeFirst();
      unfedSamples -= pcm.length;
    }
    if (cut && unfed.isEmpty() && !flushing) {
      flushing = true;
      stream
          .flush()
          .whenComplete(
              (nothing, thrown) -> {
                if (thrown != null) {
                  failure =
                      thrown instanceof RecogniserException known
                          ? known
                          : new RecogniserException("a part failed: " + thrown, thrown);
                }
                flushed = true;
                wake.run();
              });
    }
  }

  /**
   * Tells what was said since; true when the part is done and there is nothing more to tell.
   *
   * @throws RecogniserException what the wrapped stream failed with
   */
  boolean tell(RecogniserListener listener) {
    boolean done = flushed;
    for (Said next = said.poll(); next != null; next = said.poll()) {
      switch (next) {
        case Said.Revised(Hypothesis hypothesis) -> listener.onHypothesis(hypothesis);
        case Said.Completed(Hypothesis hypothesis, long decodedToMs) ->
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

  private final class Ear implements RecogniserListener {
    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      said.add(new Said.Revised(hypothesis));
      wake.run();
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      said.add(new Said.Completed(hypothesis, decodedToMs));
      wake.run();
    }

    @Override
    public void onWritable() {
      wake.run();
    }

    @Override
    public void onFailure(RecogniserException thrown) {
      failure = thrown;
      wake.run();
    }
  }
}
