package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.DecodeRequest;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegDecoder;
import org.linescribe.media.format.PcmSink;
import org.linescribe.media.format.SampleFormat;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.SourceRequest.Leg;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is appended to a session's file into the transcript of the same id. 8 and 16 kHz go as
 * they are; any other rate goes to 16 kHz through an FFmpeg child of its own.
 *
 * <p>A recogniser that falls behind slows the session down; one that takes nothing for half a
 * minute is given up, and the session goes on without a transcript. The file always comes first.
 *
 * <p>Thread: {@link #accept} and {@link #end} one at a time under the session's care; blocks.
 */
final class SessionTranscript implements SourceListener {
  private static final Logger LOG = LoggerFactory.getLogger(SessionTranscript.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int PIECE_SAMPLES = 1600;

  private final Sessions sessions;
  private final SourceRequest request;
  private final AudioShape shape;
  private final Ffmpeg ffmpeg;
  private final int rateHz;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long wakes;
  private volatile @Nullable SessionSource source;
  private @Nullable FfmpegDecoder converter;
  private volatile boolean ended;
  private volatile boolean mayReopen = true;

  SessionTranscript(
      Sessions sessions,
      SessionId id,
      AudioShape shape,
      AudioSessionSettings.Stereo stereo,
      Optional<String> userId,
      Ffmpeg ffmpeg) {
    this.sessions = sessions;
    this.shape = shape;
    this.ffmpeg = ffmpeg;
    this.rateHz = shape.sampleRateHz() == 8000 ? 8000 : 16_000;
    boolean two = shape.channels() == 2 && stereo == AudioSessionSettings.Stereo.LEGS;
    List<Leg> legs =
        two
            ? List.of(new Leg(Leg.CALLER, rateHz), new Leg("callee", rateHz))
            : List.of(new Leg(Leg.CALLER, rateHz));
    this.request =
        new SourceRequest(
            id,
            "audio-session",
            legs,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            userId.map(user -> Map.of("user_id", user)).orElse(Map.of()));
  }

  /** Opens the source now, so that a refusal is known before the session exists. Blocks. */
  void open() throws SessionRefusedException {
    source = sessions.open(request, this);
  }

  /** Whether audio still becomes text. */
  boolean isLive() {
    return !ended;
  }

  /**
   * @param pcm as appended to the file; borrowed
   */
  void accept(ByteBuffer pcm) {
    if (ended) {
      return;
    }
    try {
      if (shape.sampleRateHz() == rateHz) {
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
      AudioInput input = new AudioInput.RawPcm16(shape.sampleRateHz(), shape.channels());
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
    if (shape.channels() == 2 && request.legs().size() == 1) {
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
  void end(String reason) {
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
    // Readers have their own doors; this protocol answers chunks only.
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
