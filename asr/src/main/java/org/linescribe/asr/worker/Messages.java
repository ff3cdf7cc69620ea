package org.linescribe.asr.worker;

import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.Token;
import org.linescribe.asr.scheduler.StreamingEngine.EngineResult;

/**
 * What gateway and worker say: a request, then its answer, one at a time on a connection. An answer
 * has the request's kind, or {@link #REFUSED} and a text.
 */
final class Messages {
  /** Changes with any change of a message: a worker of another build is refused. */
  static final int VERSION = 3;

  /** {@code int version} → {@link Served}. */
  static final int HELLO = 1;

  /**
   * {@code long[] closed streams, entries} → for each entry what became of it. An entry: {@code
   * long stream, byte flags, text[] hotwords where it opens, int decodes at most, float[] pcm}.
   */
  static final int STEP = 2;

  /** {@code long startMs, text language or empty, float[] pcm} → a hypothesis. */
  static final int WHOLE = 3;

  /** {@code long[] closed detectors, long detector, byte flags, float[] windows} → a byte each. */
  static final int HEAR = 4;

  /** {@code float[] pcm} → {@code double}. */
  static final int TURN = 5;

  /** {@code text language} → {@code boolean}: it is told that now where an utterance names it. */
  static final int PREPARE = 6;

  static final int REFUSED = 99;

  /** The stream or detector begins with this message. */
  static final int OPENS = 1;

  /** No audio follows in the stream. */
  static final int FINISHES = 2;

  /** The least that an entry of a step takes. */
  static final int ENTRY_BYTES = Long.BYTES + 1 + 2 * Integer.BYTES;

  private static final int MAX_TEXT = 1000;

  private Messages() {}

  /** What went wrong, in bounded length and never empty: no text says that nothing did. */
  static String text(RuntimeException failure) {
    String said = failure instanceof RecogniserException ? failure.getMessage() : null;
    String text = said == null || said.isBlank() ? failure.toString() : said;
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
  }

  /**
   * What a worker serves; what is not of its kind of model is zero.
   *
   * @param isStreaming whether it takes steps, else whole utterances
   * @param isExact whether every decode of a stream that goes on is possible exactly where the
   *     chunks say, so that nobody needs to ask
   * @param delayMs of its voice activity
   * @param hangoverMs of its voice activity
   */
  record Served(
      boolean isStreaming,
      int sampleRateHz,
      int firstSamples,
      int shiftSamples,
      boolean isExact,
      boolean takesHotwords,
      int maxMs,
      boolean isTimed,
      int delayMs,
      int hangoverMs) {
    void write(Frame to) {
      to.put(VERSION)
          .put(isStreaming)
          .put(sampleRateHz)
          .put(firstSamples)
          .put(shiftSamples)
          .put(isExact)
          .put(takesHotwords)
          .put(maxMs)
          .put(isTimed)
          .put(delayMs)
          .put(hangoverMs);
    }

    static Served read(Frame from) throws ProtocolException {
      checkVersion(from);
      return new Served(
          from.getBoolean(),
          from.getInt(),
          from.getInt(),
          from.getInt(),
          from.getBoolean(),
          from.getBoolean(),
          from.getInt(),
          from.getBoolean(),
          from.getInt(),
          from.getInt());
    }
  }

  static void checkVersion(Frame from) throws ProtocolException {
    int version = from.getInt();
    if (version != VERSION) {
      throw new ProtocolException("version " + version + " (expected: " + VERSION + ")");
    }
  }

  static void write(Frame to, EngineResult result) {
    to.put(result.text()).putTexts(result.tokens());
    to.put(result.startMs().size());
    result.startMs().forEach(to::put);
    to.put(result.probabilities().size());
    result.probabilities().forEach(to::put);
  }

  static EngineResult readResult(Frame from) throws ProtocolException {
    String text = from.getText();
    List<String> tokens = from.getTexts();
    int times = from.getCount(Long.BYTES);
    List<Long> startMs = new ArrayList<>(times);
    for (int i = 0; i < times; i++) {
      startMs.add(from.getLong());
    }
    int known = from.getCount(Double.BYTES);
    List<Double> probabilities = new ArrayList<>(known);
    for (int i = 0; i < known; i++) {
      probabilities.add(from.getDouble());
    }
    return new EngineResult(text, tokens, startMs, probabilities);
  }

  static void write(Frame to, Hypothesis hypothesis) {
    to.put(hypothesis.text())
        .put(hypothesis.startMs())
        .put(hypothesis.endMs())
        .put(hypothesis.language().orElse(""));
    to.put(hypothesis.tokens().size());
    for (Token token : hypothesis.tokens()) {
      to.put(token.text()).put(token.startMs()).put(token.probability());
    }
  }

  static Hypothesis readHypothesis(Frame from) throws ProtocolException {
    String text = from.getText();
    long startMs = from.getLong();
    long endMs = from.getLong();
    Optional<String> language = Optional.of(from.getText()).filter(code -> !code.isEmpty());
    int count = from.getCount(Integer.BYTES + Long.BYTES + Double.BYTES);
    List<Token> tokens = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      tokens.add(new Token(from.getText(), from.getLong(), from.getDouble()));
    }
    return new Hypothesis(text, tokens, startMs, endMs, language);
  }
}
