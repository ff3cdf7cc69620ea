package org.linescribe.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.DecodeRequest;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegDecoder;
import org.linescribe.media.format.PcmSink;
import org.linescribe.media.format.SampleFormat;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds 16-bit PCM of a file or a stream into the transcript of a session. 8 and 16 kHz go as they
 * are; any other rate goes to 16 kHz through an FFmpeg child of its own. Two channels are two legs
 * where the request has two, else their mean.
 *
 * <p>A recogniser that falls behind slows the caller down; one that takes nothing for half a minute
 * is given up, and the caller goes on without a transcript.
 *
 * <p>Thread: {@link #accept} and {@link #end} one at a time under the caller's care; both block.
 * Events come on the session's thread.
 */
public final class TranscriptFeed implements SourceListener {
  private static final Logger LOG = LoggerFactory.getLogger(TranscriptFeed.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int PIECE_SAMPLES = 1600;

  private final Sessions sessions;
  private final SourceRequest request;
  private final int sampleRateHz;
  private final int channels;
  private final Ffmpeg ffmpeg;
  private final Consumer<TranscriptEvent> events;
  private final int rateHz;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long wakes;
  private volatile @Nullable SessionSource source;
  private @Nullable FfmpegDecoder converter;
  private volatile boolean ended;
  private volatile boolean mayReopen = true;

  /**
   * @param request its legs at the rate that {@link #legRateHz} tells
   * @param sampleRateHz of the PCM
   * @param channels of the PCM, 1 or 2
   * @param events what the session makes of it; must not block
   */
  public TranscriptFeed(
      Sessions sessions,
      SourceRequest request,
      int sampleRateHz,
      int channels,
      Ffmpeg ffmpeg,
      Consumer<TranscriptEvent> events) {
    this.sessions = sessions;
    this.request = request;
    this.sampleRateHz = sampleRateHz;
    this.channels = channels;
    this.ffmpeg = ffmpeg;
    this.events = events;
    this.rateHz = legRateHz(sampleRateHz);
  }

  /** The rate at which PCM of a rate comes to the session's legs. */
  public static int legRateHz(int sampleRateHz) {
    return sampleRateHz == 8000 ? 8000 : 16_000;
  }

  /** Opens the source now, so that a refusal is known before the session exists. Blocks. */
  public void open() throws SessionRefusedException {
    source = sessions.open(request, this);
  }

  /** Whether audio still becomes text. */
  public boolean isLive() {
    return !ended;
  }

  /**
   * @param pcm whole frames, little endian; borrowed, its position stays
   */
  public void accept(ByteBuffer pcm) {
    if (ended) {
      return;
    }
    try {
      if (sampleRateHz == rateHz) {
        deliver(pcm.duplicate().order(ByteOrder.LITTLE_ENDIAN));
      } else {
        byte[] bytes = new byte[pcm.remaining()];
        pcm.duplicate().get(bytes);
        converter().write(bytes, 0, bytes.length);
      }
    } catch (IOException e) {
      giveUp(e.getMessage());
    }
  }

  private FfmpegDecoder converter() throws DecodeException {
    FfmpegDecoder open = converter;
    if (open == null) {
      int legs = request.legs().size();
      AudioInput input = new AudioInput.RawPcm16(sampleRateHz, channels);
      open =
          ffmpeg.decoder(
              new DecodeRequest(input, rateHz, legs, SampleFormat.FLOAT32, DecodeLimits.live()),
              PcmSink.floats((samples, offset, length) -> split(samples, offset, length, legs)));
      converter = open;
    }
    return open;
  }

  private void deliver(ByteBuffer pcm) throws IOException {
    int samples = pcm.remaining() / 2;
    float[] floats = new float[samples];
    for (int i = 0; i < samples; i++) {
      floats[i] = pcm.getShort() / 32768f;
    }
    if (channels == 2 && request.legs().size() == 1) {
      float[] mixed = new float[samples / 2];
      for (int i = 0; i < mixed.length; i++) {
        mixed[i] = (floats[2 * i] + floats[2 * i + 1]) / 2;
      }
      offer(0, mixed, 0, mixed.length);
    } else {
      split(floats, 0, samples, request.legs().size());
    }
  }

  private void split(float[] interleaved, int offset, int length, int legs) throws IOException {
    if (legs == 1) {
      offer(0, interleaved, offset, length);
      return;
    }
    float[] one = new float[length / legs];
    // Piece by piece, so that neither leg runs far ahead of the other.
    for (int from = 0; from < one.length; from += PIECE_SAMPLES) {
      int until = Math.min(one.length, from + PIECE_SAMPLES);
      for (int leg = 0; leg < legs; leg++) {
        for (int i = from; i < until; i++) {
          one[i] = interleaved[offset + i * legs + leg];
        }
        offer(leg, one, from, until - from);
      }
    }
  }

  private void offer(int leg, float[] pcm, int offset, int length) throws IOException {
    for (int from = 0; from < length; from += PIECE_SAMPLES) {
      offerPiece(leg, pcm, offset + from, Math.min(PIECE_SAMPLES, length - from));
    }
  }

  private void offerPiece(int leg, float[] pcm, int offset, int length) throws IOException {
    long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
    while (!ended) {
      long seen = wakesSeen();
      SessionSource open = openSource();
      if (open.accept(leg, pcm, offset, length)) {
        return;
      }
      if (System.nanoTime() - deadlineNs > 0) {
        throw new IOException("the recogniser takes nothing");
      }
      awaitWake(seen);
    }
  }

  private SessionSource openSource() throws IOException {
    SessionSource open = source;
    if (open == null && !mayReopen) {
      throw new IOException("the transcript's source was closed");
    }
    if (open == null) {
      try {
        open = source = sessions.open(request, this);
      } catch (SessionRefusedException e) {
        throw new IOException("the transcript cannot go on: " + e.getMessage(), e);
      }
    }
    return open;
  }

  private long wakesSeen() {
    lock.lock();
    try {
      return wakes;
    } finally {
      lock.unlock();
    }
  }

  private void awaitWake(long seen) throws IOException {
    lock.lock();
    try {
      // The bound is for a queue that got room between the refusal and the first look.
      if (wakes == seen) {
        boolean woken = changed.await(100, TimeUnit.MILLISECONDS);
        LOG.trace("woken: {}", woken);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      wakes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void giveUp(@Nullable String why) {
    if (!ended) {
      LOG.warn("Session {} goes on without a transcript: {}", request.sessionId(), why);
    }
    ended = true;
    endSource("failed");
  }

  /** Brings the last audio to the recogniser and waits until the last final is stored. */
  public void end(String reason) {
    FfmpegDecoder open = converter;
    if (open != null) {
      try {
        if (!ended) {
          open.finish();
        }
      } catch (DecodeException e) {
        LOG.warn(
            "Session {}: the transcript lacks its end: {}", request.sessionId(), e.getMessage());
      } finally {
        open.close();
      }
    }
    ended = true;
    endSource(reason);
  }

  private void endSource(String reason) {
    SessionSource open = source;
    source = null;
    mayReopen = false;
    if (open != null) {
      try {
        open.end(reason)
            .toCompletableFuture()
            .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .join();
      } catch (CompletionException e) {
        LOG.warn(
            "Session {}: the transcript's end is late: {}", request.sessionId(), e.getMessage());
      }
    }
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    events.accept(event);
  }

  @Override
  public void onWritable() {
    wake();
  }

  @Override
  public void onClosed(SourceClosed reason) {
    mayReopen = reason == SourceClosed.IDLE;
    source = null;
    wake();
  }
}
