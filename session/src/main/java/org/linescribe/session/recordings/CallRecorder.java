package org.linescribe.session.recordings;

import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records one call off the hot path: its legs' audio goes to a bounded queue, from which a virtual
 * thread writes the file. Audio that finds the queue full becomes silence of the same length, and
 * is counted.
 *
 * <p>Thread: {@link #write} and {@link #skip} one caller for each leg; the others any. None blocks.
 */
public final class CallRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CallRecorder.class);

  /** 10 s of two legs at 20 ms. */
  private static final int MAX_PIECES = 1000;

  private static final int MAX_SKEW_S = 5;

  /** The end of the call; {@code samples} of silence where there is no audio. */
  private record Piece(int leg, short @Nullable [] pcm, long samples) {
    static final Piece END = new Piece(-1, null, 0);
  }

  private final String name;
  private final RecordingWriter writer;
  private final Counter dropped;
  private final Runnable onClosed;
  private final int rateHz;
  private final CallTimeline timeline;
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>(MAX_PIECES);
  private final AtomicLongArray owed;
  private final StreamPosition position = new StreamPosition(null, 0);
  private final Thread thread;
  private volatile boolean paused;
  private volatile boolean closed;
  private boolean failed;

  /**
   * @param dropped counts samples that found the queue full
   * @param onClosed runs on the recorder's thread when the file is complete; may block
   */
  CallRecorder(String name, RecordingWriter writer, Counter dropped, Runnable onClosed) {
    this.name = name;
    this.writer = writer;
    this.dropped = dropped;
    this.onClosed = onClosed;
    this.rateHz = writer.shape().sampleRateHz();
    int legs = writer.shape().channels();
    this.timeline = new CallTimeline(legs, MAX_SKEW_S * rateHz);
    this.owed = new AtomicLongArray(legs);
    this.thread = Thread.ofVirtual().name("linescribe-recorder").start(this::run);
  }

  /** Channels of the file; a leg from this number on cannot be recorded in it. */
  public int legs() {
    return owed.length();
  }

  /** Appends audio to a leg's channel; borrowed. While paused it is silence. */
  public void write(int leg, short[] pcm, int offset, int samples) {
    if (paused) {
      skip(leg, samples);
      return;
    }
    short[] copy = new short[samples];
    System.arraycopy(pcm, offset, copy, 0, samples);
    if (!settle(leg) || !pieces.offer(new Piece(leg, copy, samples))) {
      owed.addAndGet(leg, samples);
      dropped.increment(samples);
    }
  }

  /** Appends silence to a leg's channel. */
  public void skip(int leg, long samples) {
    owed.addAndGet(leg, samples);
    settle(leg);
  }

  /** Queues the silence that a leg has to have before its next audio; false when it is full. */
  private boolean settle(int leg) {
    long silence = owed.get(leg);
    if (silence == 0) {
      return true;
    }
    boolean taken = pieces.offer(new Piece(leg, null, silence));
    if (taken) {
      owed.addAndGet(leg, -silence);
    }
    return taken;
  }

  /** Leaves the audio out, as silence, or takes it in again: for card data. */
  public void pause(boolean on) {
    paused = on;
  }

  public boolean isPaused() {
    return paused;
  }

  private void run() {
    try {
      while (true) {
        Piece piece = pieces.poll(1, TimeUnit.SECONDS);
        if (piece == Piece.END || piece == null && closed) {
          break;
        }
        if (piece != null) {
          append(piece);
          flush(rateHz, timeline.ready());
        }
      }
      for (int leg = 0; leg < owed.length(); leg++) {
        timeline.skip(leg, owed.get(leg));
      }
      flush(1, timeline.left());
      writer.close();
      onClosed.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.error("Recording {} could not be closed: {}", name, e.toString());
    }
  }

  private void append(Piece piece) {
    if (piece.pcm() == null) {
      timeline.skip(piece.leg(), piece.samples());
    } else {
      timeline.write(piece.leg(), piece.pcm());
    }
  }

  /** Writes whole seconds, so that the file's header is not rewritten for every packet. */
  private void flush(int atLeast, long available) {
    long left = available;
    while (left >= atLeast && left > 0) {
      int count = (int) Math.min(left, rateHz);
      short[] samples = timeline.take(count);
      left -= count;
      if (failed) {
        continue;
      }
      try {
        writer.append(samples, position);
      } catch (IOException e) {
        failed = true;
        LOG.error("Recording {} ends early: {}", name, e.toString());
      }
    }
  }

  /** Writes what is queued and closes the file, in its own time. Idempotent. */
  @Override
  public void close() {
    closed = true;
    pieces.offer(Piece.END);
  }

  /** Waits for the file. */
  public boolean awaitClosed(Duration atMost) throws InterruptedException {
    return thread.join(atMost);
  }
}
