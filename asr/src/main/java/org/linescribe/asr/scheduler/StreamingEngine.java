package org.linescribe.asr.scheduler;

import java.util.List;
import org.linescribe.asr.Hotwords;

/**
 * A loaded streaming model, as the scheduler drives it.
 *
 * <p>Thread: any; a stream by one thread at a time. Errors: {@code RecogniserException}.
 */
public interface StreamingEngine extends AutoCloseable {
  int sampleRateHz();

  /** What one decode consumes and what must be there first; measured on the loaded model. */
  Chunking chunking();

  EngineStream open();

  /**
   * Whether a stream may have to be decoded again from its beginning, so that a short one is to be
   * preferred.
   */
  default boolean isReplayed() {
    return false;
  }

  /** Whether its search prefers hotwords. */
  default boolean takesHotwords() {
    return false;
  }

  /**
   * @param hotwords preferred where {@link #takesHotwords}, else ignored
   */
  default EngineStream open(Hotwords hotwords) {
    return open();
  }

  /** Decodes one chunk of every stream; every one must be {@link EngineStream#isReady}. */
  void decode(List<? extends EngineStream> ready);

  @Override
  void close();

  /**
   * The model's steps.
   *
   * @param firstSamples samples after which a new stream is ready for its first decode
   * @param shiftSamples samples by which each decode advances
   */
  record Chunking(int firstSamples, int shiftSamples) {
    public Chunking {
      if (shiftSamples <= 0 || firstSamples < shiftSamples) {
        throw new IllegalArgumentException(
            "firstSamples, shiftSamples: %s, %s (expected: 0 < shiftSamples <= firstSamples)"
                .formatted(firstSamples, shiftSamples));
      }
    }
  }

  /** One utterance's decoding state. Thread: one at a time. */
  interface EngineStream extends AutoCloseable {
    /** Appends audio; borrowed, finite numbers only. */
    void accept(float[] pcm, int length);

    /** No audio follows; what is there becomes decodable to the end. */
    void finish();

    boolean isReady();

    /** The same object as before when nothing changed. */
    EngineResult result();

    @Override
    void close();
  }

  /**
   * What a stream has recognised so far.
   *
   * @param text the whole text as the model writes it
   * @param tokens its units; a word begins where a unit begins with a space
   * @param startMs per token, from the stream's first sample; empty where the model gives none
   * @param probabilities per token in [0, 1]; empty where the model gives none
   */
  record EngineResult(
      String text, List<String> tokens, List<Long> startMs, List<Double> probabilities) {
    public EngineResult {
      tokens = List.copyOf(tokens);
      startMs = List.copyOf(startMs);
      probabilities = List.copyOf(probabilities);
    }
  }
}
