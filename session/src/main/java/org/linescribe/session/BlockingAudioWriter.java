package org.linescribe.session;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Writes audio of any length to a source and waits while the leg's buffer is full.
 *
 * <p>Its owner passes on what the source's {@link SourceListener} hears: {@link #wake} with {@code
 * onWritable}, {@link #close} with {@code onClosed}.
 *
 * <p>Thread: {@link #write} one caller at a time; the others any.
 */
public final class BlockingAudioWriter {
  /** The recogniser is behind for longer than the writer waits. */
  public static final class LateException extends IOException {
    private static final long serialVersionUID = 1L;

    LateException(long seconds) {
      super("the recogniser took no audio for " + seconds + " s");
    }
  }

  private final long patienceNs;
  private final Semaphore wakes = new Semaphore(0);
  private volatile boolean closed;

  /**
   * @param patience how long a full buffer may take nothing
   */
  public BlockingAudioWriter(Duration patience) {
    this.patienceNs = patience.toNanos();
  }

  /**
   * @return samples that were taken: all, or fewer when this writer was closed meanwhile
   * @throws LateException when the buffer was full and took nothing for the patience
   * @throws IOException when the thread was interrupted, which it stays
   */
  public int write(SessionSource source, int leg, short[] pcm, int offset, int samples)
      throws IOException {
    try {
      return writeAll(source, leg, pcm, offset, samples);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private int writeAll(SessionSource source, int leg, short[] pcm, int offset, int samples)
      throws InterruptedException, LateException {
    int written = 0;
    while (written < samples && !closed) {
      // Before the write: a wake that comes after its refusal must not be lost.
      wakes.drainPermits();
      int taken = source.write(leg, pcm, offset + written, samples - written);
      written += taken;
      if (taken == 0 && !closed && !wakes.tryAcquire(patienceNs, TimeUnit.NANOSECONDS)) {
        throw new LateException(TimeUnit.NANOSECONDS.toSeconds(patienceNs));
      }
    }
    return written;
  }

  /** The buffer may have space again. */
  public void wake() {
    wakes.release();
  }

  /** Ends a write that waits, and every later one at once. */
  public void close() {
    closed = true;
    wakes.release();
  }
}
