package org.linescribe.asr;

/**
 * A loaded model that recognises many streams at once.
 *
 * <p>Thread: any. Closing it ends its open streams with {@link RecogniserListener#onFailure}.
 */
public interface Recogniser extends AutoCloseable {
  RecogniserInfo info();

  RecogniserLoad load();

  /**
   * Opens the stream of one leg. It lives as long as the leg: utterances follow one another on it.
   *
   * @param listener told of results on a decode thread, one call at a time for this stream
   * @throws RecogniserException when no stream can be had
   */
  RecogniserStream open(StreamOptions options, RecogniserListener listener);

  @Override
  void close();
}
