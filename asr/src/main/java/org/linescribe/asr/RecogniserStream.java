package org.linescribe.asr;

import java.util.concurrent.CompletionStage;

/**
 * The recognition of one leg: reads the leg's audio as it comes. Never blocks its caller.
 *
 * <p>Thread: any.
 */
public interface RecogniserStream extends AutoCloseable {
  /**
   * Ends the open utterance now: everything that may be read is decoded with tail padding, then
   * {@link RecogniserListener#onEndpoint} is called (unless the text is empty), then the stage
   * completes. What follows opens a new utterance. Completes exceptionally when the stream failed.
   */
  CompletionStage<Void> flush();

  /** Drops what is undecoded and frees the stream, its reader included. Idempotent. */
  @Override
  void close();
}
