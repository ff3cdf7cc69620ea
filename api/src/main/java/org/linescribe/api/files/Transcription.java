package org.linescribe.api.files;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.DecodeRequest;
import org.linescribe.media.format.FfmpegFileDecoder;
import org.linescribe.media.format.PcmSink;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;

/**
 * Takes one file's audio through the session pipeline as fast as it is recognised: decoded by
 * FFmpeg, refused by the pipeline while that is full, numbered and stored like a call. The
 * session's id is the task's.
 *
 * <p>All cores work on one file where the pipeline has a recogniser in parts ({@code asr.parts}):
 * it cuts the audio at pauses, and results still come in order. The alternative, streams of our own
 * outside the pipeline, would have left the transcript without number, store and readers.
 *
 * <p>Thread: the worker's that calls {@link #run}; the decoder's feeds; the session's tells.
 */
final class Transcription implements SourceListener {
  private static final int RATE_HZ = 16_000;

  /** A tenth of a second: small enough for any bound of the pipeline. */
  private static final int PIECE_SAMPLES = RATE_HZ / 10;

  private static final long LOOK_AGAIN_MS = 50;
  private static final Duration LOOK_FOR_ROOM = Duration.ofSeconds(1);
  private static final int MAX_ATTRIBUTE = 1000;

  /** Told on the session's thread; must not block. */
  interface Progress {
    /**
     * @param done part of the recording, 0 to 1
     */
    void on(double done);

    void onSegment(Segment segment, double done);
  }

  /**
   * @param warnings what the client should know about how it was transcribed
   */
  record Result(List<Segment> segments, double seconds, List<String> warnings) {}

  private final Sessions sessions;
  private final FfmpegFileDecoder decoder;
  private final FilesSettings settings;
  private final FileTask task;
  private final Progress progress;
  private final Semaphore room = new Semaphore(0);
  private final List<Segment> segments = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private volatile OptionalLong durationMs;
  private volatile @Nullable SourceClosed closed;

  Transcription(
      Sessions sessions,
      FfmpegFileDecoder decoder,
      FilesSettings settings,
      FileTask task,
      Progress progress) {
    this.sessions = sessions;
    this.decoder = decoder;
    this.settings = settings;
    this.task = task;
    this.progress = progress;
    this.durationMs = task.upload().durationMs();
  }

  Result run() throws FileFailedException, InterruptedException {
    SessionSource source = open();
    String reason = "failed";
    try {
      long frames = decode(source);
      await(source.flush());
      reason = "completed";
      end(source, reason);
      if (closed != null) {
        throw new FileFailedException("Transcription ended early: " + words(closed));
      }
      synchronized (segments) {
        return new Result(List.copyOf(segments), frames / (double) RATE_HZ, List.copyOf(warnings));
      }
    } catch (InterruptedException e) {
      reason = "cancelled";
      throw e;
    } finally {
      source.end(reason);
    }
  }

  private record Wish(Optional<String> language, Optional<String> provider) {}

  /**
   * With what the client asked for where the node has it, else with what it has: the documents'
   * clients name a language whatever model is loaded, and must work.
   */
  private SessionSource open() throws FileFailedException, InterruptedException {
    Optional<String> provider = Optional.of(settings.provider()).filter(name -> !name.isEmpty());
    Optional<String> language = task.upload().language();
    Set<Wish> wishes = new LinkedHashSet<>();
    for (Optional<String> spoken : List.of(language, Optional.<String>empty())) {
      wishes.add(new Wish(spoken, provider));
      wishes.add(new Wish(spoken, Optional.empty()));
    }
    String why = "";
    for (Wish wish : wishes) {
      try {
        SessionSource source = open(wish);
        if (wish.language().isEmpty() && language.isPresent()) {
          warnings.add(
              "language " + language.get() + " is not recognised here; the model's own was used");
        }
        return source;
      } catch (SessionRefusedException e) {
        why = String.valueOf(e.getMessage());
        if (e.reason() == SessionRefusedException.Reason.DRAINING) {
          break;
        }
      }
    }
    throw new FileFailedException("Transcription refused: " + why);
  }

  /** Calls go first: while they fill the node a file waits, until its own time is up. */
  private SessionSource open(Wish wish) throws SessionRefusedException, InterruptedException {
    while (true) {
      try {
        return sessions.open(request(wish.language(), wish.provider()), this);
      } catch (SessionRefusedException e) {
        switch (e.reason()) {
          case OVERLOADED, STORE_UNAVAILABLE -> {
            if (Thread.interrupted()) {
              throw new InterruptedException("cancelled while waiting for the pipeline");
            }
            Thread.sleep(LOOK_FOR_ROOM);
          }
          case DRAINING, UNSUPPORTED -> throw e;
        }
      }
    }
  }

  private SourceRequest request(Optional<String> language, Optional<String> provider) {
    String filename = task.upload().filename();
    return new SourceRequest(
        task.taskId(),
        "file",
        List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, RATE_HZ)),
        Optional.empty(),
        language,
        provider,
        Map.of("filename", filename.substring(0, Math.min(filename.length(), MAX_ATTRIBUTE))));
  }

  private long decode(SessionSource source) throws FileFailedException, InterruptedException {
    long maxBytes = settings.maxDuration().toSeconds() * RATE_HZ * Float.BYTES;
    DecodeLimits limits =
        DecodeLimits.file().withOutputBytes(maxBytes).withTotal(task.timeout().plusSeconds(10));
    try {
      return decoder.decode(
          task.upload().file(),
          DecodeRequest.monoFloats(
              AudioInput.container(task.upload().kind().container()), RATE_HZ, limits),
          PcmSink.floats((samples, offset, length) -> feed(source, samples, offset, length)),
          (decodedMs, totalMs) -> {
            if (totalMs.isPresent()) {
              durationMs = totalMs;
            }
          });
    } catch (DecodeException e) {
      if (e.reason() == DecodeException.Reason.CANCELLED) {
        throw new InterruptedException("decoding was cancelled");
      }
      if (closed != null) {
        throw new FileFailedException("Transcription ended early: " + words(closed), e);
      }
      throw new FileFailedException(
          switch (e.reason()) {
            case UNREADABLE, EMPTY -> "The file holds no audio that can be decoded";
            case TOO_MUCH_OUTPUT ->
                "The recording is longer than " + settings.maxDuration().toMinutes() + " minutes";
            case TOO_LONG, TOO_MUCH_MEMORY -> "The file takes more to decode than is allowed";
            case CRASHED, HUNG -> "The file made the decoder fail";
            case BUSY -> "All decoders are busy; try again";
            case UNAVAILABLE -> "No decoder is available on this node";
            case SINK_FAILED, CANCELLED -> "Transcription failed";
          },
          e);
    }
  }

  /** On the decoder's thread, which waits here for the pipeline. */
  private void feed(SessionSource source, float[] samples, int offset, int length)
      throws IOException {
    for (int at = 0; at < length; ) {
      int piece = Math.min(PIECE_SAMPLES, length - at);
      if (closed != null || task.stopped() != null) {
        throw new IOException("the session is closed");
      }
      if (source.accept(0, samples, offset + at, piece)) {
        at += piece;
      } else {
        try {
          // The bell is a hint: one may ring for another leg or before we listen.
          if (room.tryAcquire(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS)) {
            room.drainPermits();
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted", e);
        }
      }
    }
  }

  private static void await(CompletionStage<?> stage)
      throws FileFailedException, InterruptedException {
    try {
      stage.toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new FileFailedException("Transcription failed", e);
    }
  }

  private static void end(SessionSource source, String reason)
      throws FileFailedException, InterruptedException {
    await(source.end(reason));
  }

  private static String words(SourceClosed reason) {
    return switch (reason) {
      case SUPERSEDED -> "another source took the session";
      case IDLE -> "no audio came";
      case TOO_LONG -> "the session's length is used up";
      case DRAINING -> "the gateway is shutting down";
      case FAILED -> "the recogniser failed";
    };
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    switch (event) {
      case TranscriptEvent.Partial partial -> progress.on(done(partial.endMs()));
      case TranscriptEvent.Final(Segment segment) -> {
        synchronized (segments) {
          segments.add(segment);
        }
        progress.onSegment(segment, done(segment.endMs()));
      }
      case TranscriptEvent.Ended ended -> {
        // Our own end; what we wait for is its stage.
      }
    }
  }

  private double done(long endMs) {
    OptionalLong total = durationMs;
    return total.isPresent() && total.getAsLong() > 0
        ? Math.clamp(endMs / (double) total.getAsLong(), 0.0, 1.0)
        : 0;
  }

  @Override
  public void onWritable() {
    room.release();
  }

  @Override
  public void onClosed(SourceClosed reason) {
    closed = reason;
    room.release();
  }
}
