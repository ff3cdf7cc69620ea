package org.linescribe.media.format;

import java.util.concurrent.CompletionStage;

/**
 * Decodes one stream while it arrives: compressed bytes in, cut anywhere, PCM out to the sink.
 *
 * <p>A codec holds audio back until it has a whole frame, and its rate converter a few milliseconds
 * more; {@link #finish} brings out the last of it. Back-pressure goes both ways: a slow sink stops
 * the child, a child that does not read blocks {@link #write}.
 *
 * <p>Thread: {@code write} and {@code finish} by one thread at a time, which they may block (a
 * virtual thread may call them); {@code close} by any.
 */
public final class FfmpegDecoder implements AutoCloseable {
  private final FfmpegChild child;

  FfmpegDecoder(FfmpegChild child) {
    this.child = child;
  }

  /**
   * Hands bytes to the child; blocks while its pipe is full.
   *
   * @return false when the stream has said its own end and these bytes came after it: nothing was
   *     taken, {@link #finish} will succeed
   */
  public boolean write(byte[] bytes, int offset, int length) throws DecodeException {
    return child.write(bytes, offset, length);
  }

  /** Ends the input and blocks until the sink has had the last of the audio. Idempotent. */
  public void finish() throws DecodeException {
    child.endInput();
    child.awaitDone();
  }

  /** Completes when the child has ended, exceptionally with a {@link DecodeException}. */
  public CompletionStage<Void> ended() {
    return child.done().minimalCompletionStage();
  }

  public boolean hasEnded() {
    return child.isDone();
  }

  /** Compressed bytes handed over so far. */
  public long inputBytes() {
    return child.inputBytes();
  }

  /** Frames that the sink has had. */
  public long outputFrames() {
    return child.outputFrames();
  }

  /** The process, for an operator and for tests that disturb it. */
  public long pid() {
    return child.pid();
  }

  /** Kills the child if it still runs; does not wait. Idempotent. */
  @Override
  public void close() {
    if (!child.isDone()) {
      child.kill(DecodeException.Reason.CANCELLED, "closed");
    }
  }
}
