package org.linescribe.asr;

/**
 * A loaded model that recognises many streams at once.
 *
 * <p>Thread: any. Closing it ends its open streams with {@link RecogniserListener#onFailure}.
 */
public interface Recogniser extends AutoCloseable {
  RecogniserInfo info();

  RecogniserLoad load();

  /** Whether it prefers a session's {@link Hotwords}; others ignore them. */
  default boolean takesHotwords() {
    return false;
  }

  /**
   * Makes ready for streams in a language that this speaks. Blocks, for up to some seconds, where
   * the model is loaded for it.
   *
   * @param languageTag BCP 47, of the streams' options
   * @return whether the streams' text will be in it; false where this finds out what is spoken, and
   *     cannot be told, or not now
   */
  default boolean prepare(String languageTag) {
    return info().canBeHeldTo(languageTag);
  }

  /**
   * What serves a session that begins now, to its end: this one, unless its model can be changed
   * meanwhile.
   */
  default Recogniser pinned() {
    return this;
  }

  /**
   * Opens the stream of one leg. It lives as long as the leg: utterances follow one another on it.
   *
   * @param audio the leg's, from where the stream is to begin; the stream's from the return on
   * @param listener told of results on a decode thread, one call at a time for this stream
   * @throws RecogniserException when it gives no stream; the reader stays the caller's
   */
  RecogniserStream open(LegReader audio, StreamOptions options, RecogniserListener listener);

  @Override
  void close();
}
