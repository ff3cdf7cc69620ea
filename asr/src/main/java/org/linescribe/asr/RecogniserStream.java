package org.linescribe.asr;

import java.util.concurrent.CompletionStage;

/**
 * The recognition of one leg. Never blocks: audio waits in the stream's bounded queue.
 *
 * <p>Thread: {@link #accept}, {@link #flush} and {@link #close} by one caller at a time.
 */
public interface RecogniserStream extends AutoCloseable {
  /**
   * Queues audio for decoding.
   *
   * @param pcm mono in [-1, 1] at the recogniser's rate; borrowed, copied before the return
   * @return false when the queue is full: nothing was taken, and it was counted. A source that can
   *     wait offers the same audio again after {@link RecogniserListener#onWritable}; one that
   *     cannot (RTP) calls {@link #skip} so that the timeline stays true
   */
  boolean accept(float[] pcm, int offset, int length);

  /** Advances the leg's timeline past audio that was lost, as if it had been silence. */
  void skip(int samples);

  /** Audio accepted and not yet decoded, in milliseconds. */
  long queuedMs();

  /**
   * Ends the open utterance now: everything accepted is decoded with tail padding, then {@link
   * RecogniserListener#onEndpoint} is called (unless the text is empty), then the stage completes.
   * Audio may follow: it opens a new utterance. Completes exceptionally when the stream failed.
   */
  CompletionStage<Void> flush();

  /** Drops what is undecoded and frees the stream. Idempotent. */
  @Override
  void close();
}
