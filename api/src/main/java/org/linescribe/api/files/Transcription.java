package org.linescribe.api.files;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.DecodeRequest;
import org.linescribe.media.format.FfmpegFileDecoder;
import org.linescribe.session.BlockingAudioWriter;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;

/**
 * Runs one file's audio through the session pipeline as fast as it is recognised: FFmpeg decodes
 * it, the pipeline slows it down, and its segments are numbered and stored like those of a call.
 * The session's id is the task's.
 *
 * <p>All cores work on one file where the pipeline has a recogniser that decodes in chunks ({@code
 * asr.chunked}): it cuts the audio at pauses, and results still come in order. The alternative,
 * streams of our own outside the pipeline, would have left the transcript without number, store and
 * readers.
 *
 * <p>Thread: the worker's that calls {@link #run}; the decoder's writes the audio; the session's
 * delivers the events.
 */
final class Transcription implements SourceListener {
  private static final int RATE_HZ = 16_000;

  private static final Duration RETRY_EVERY = Duration.ofSeconds(1);
  private static final int MAX_ATTRIBUTE = 1000;

  /** Called on the session's thread; must not block. */
  interface Progress {
    /**
     * @param done completed fraction of the recording, 0 to 1
     */
    void on(double done);

    void onSegment(Segment segment, double done);
  }

  /**
   * @param language that the client asked for and that it is transcribed in
   * @param warnings what the client should know about how it was transcribed
   */
  record Result(
      List<Segment> segments, double seconds, Optional<String> language, List<String> warnings) {}

  private final Sessions sessions;
  private final FfmpegFileDecoder decoder;
  private final FilesSettings settings;
  private final FileTask task;
  private final Progress progress;
  private final BlockingAudioWriter writer;
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
    this.writer = new BlockingAudioWriter(task.timeout());
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
        return new Result(
            List.copyOf(segments),
            frames / (double) RATE_HZ,
            source.language(),
            List.copyOf(warnings));
      }
    } catch (InterruptedException e) {
      reason = "cancelled";
      throw e;
    } finally {
      // The decoder's thread may still wait for buffer space: nothing interrupts it.
      writer.close();
      source.end(reason);
    }
  }

  /** Calls go first: while they fill the node a file waits, until its own time is up. */
  private SessionSource open() throws FileFailedException, InterruptedException {
    while (true) {
      try {
        SessionSource source = sessions.open(request(), this);
        for (String words : source.unserved()) {
          warnings.add(words + "; the default was used");
        }
        return source;
      } catch (SessionRefusedException e) {
        switch (e.reason()) {
          case OVERLOADED, STORE_UNAVAILABLE -> {
            if (Thread.interrupted()) {
              throw new InterruptedException("cancelled while waiting for the pipeline");
            }
            Thread.sleep(RETRY_EVERY);
          }
          case DRAINING, UNSUPPORTED, CONFLICT ->
              throw new FileFailedException("Transcription refused: " + e.getMessage(), e);
        }
      }
    }
  }

  /**
   * With what the client asked for where the node has it, else with what it has: the documents'
   * clients name a language whatever model is loaded, and must work.
   */
  private SourceRequest request() {
    String filename = task.upload().filename();
    return new SourceRequest(
        task.taskId(),
        "file",
        task.owner(),
        List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, RATE_HZ)),
        RecognitionRequest.DEFAULT
            .withModel(task.upload().model())
            .withProvider(Optional.of(settings.provider()).filter(name -> !name.isEmpty()))
            .withLanguage(task.upload().language())
            .orElseDefault(),
        Map.of("filename", filename.substring(0, Math.min(filename.length(), MAX_ATTRIBUTE))),
        task.traceParent());
  }

  private long decode(SessionSource source) throws FileFailedException, InterruptedException {
    long maxBytes = settings.maxDuration().toSeconds() * RATE_HZ * Short.BYTES;
    DecodeLimits limits =
        DecodeLimits.file().withOutputBytes(maxBytes).withTotal(task.timeout().plusSeconds(10));
    try {
      return decoder.decode(
          task.upload().file(),
          DecodeRequest.mono(
              AudioInput.container(task.upload().kind().container()), RATE_HZ, limits),
          pcm -> write(source, pcm),
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
  private void write(SessionSource source, short[] pcm) throws IOException {
    if (writer.write(source, 0, pcm, 0, pcm.length) < pcm.length) {
      throw new IOException("the session is closed");
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
      case TranscriptEvent.Dtmf key -> {
        // A file has no keys.
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
    writer.wake();
  }

  @Override
  public void onClosed(SourceClosed reason) {
    closed = reason;
    writer.close();
  }
}
