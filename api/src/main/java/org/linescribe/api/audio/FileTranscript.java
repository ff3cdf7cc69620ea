package org.linescribe.api.audio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.ContainerSignature;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.DecodeProgress;
import org.linescribe.media.format.DecodeRequest;
import org.linescribe.media.format.FfmpegFileDecoder;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.springframework.http.HttpStatus;

/**
 * A file's audio through a session, at once: as fast as it is recognised, numbered, stored and
 * readable like that of a call.
 *
 * @param segments in the order of their numbers
 * @param seconds of audio
 */
public record FileTranscript(List<Segment> segments, double seconds) {
  private static final int RATE_HZ = 16_000;
  private static final int PIECE_BYTES = 32_000;

  /** What a model of several languages found first. */
  public Optional<String> language() {
    return segments.stream().flatMap(segment -> segment.language().stream()).findFirst();
  }

  /** The session takes no more of the file's audio. */
  public static final class InterruptedTranscriptException extends Exception {
    private static final long serialVersionUID = 1L;

    InterruptedTranscriptException() {
      super("the transcript was given up");
    }
  }

  /** Makes the request of a session whose legs have a rate. */
  public interface Request {
    SourceRequest of(int legRateHz);
  }

  /**
   * Transcribes a container that FFmpeg reads. Blocks; on a virtual thread.
   *
   * @param legs 1, or 2 where each of two channels is a leg
   * @param events told of what is heard meanwhile, on the session's thread
   */
  public static FileTranscript ofContainer(
      AudioSources sources, Path file, int legs, Request request, Consumer<TranscriptEvent> events)
      throws SessionRefusedException, DecodeException, InterruptedTranscriptException {
    FfmpegFileDecoder decoder = new FfmpegFileDecoder(sources.ffmpeg());
    // Audio of a telephone keeps its rate: it goes the way of a call's.
    int rateHz = decoder.probe(file).sampleRateHz() == 8000 ? 8000 : RATE_HZ;
    Duration longest = sources.settings().maxDuration();
    DecodeLimits limits =
        DecodeLimits.file()
            .withOutputBytes(longest.toSeconds() * rateHz * legs * Short.BYTES)
            .withTotal(longest);
    Run run = new Run(sources, request.of(rateHz), rateHz, legs, events);
    run.feed.open();
    boolean decoded = false;
    try {
      decoder.decode(
          file,
          new DecodeRequest(AudioInput.auto(), rateHz, legs, limits),
          run::accept,
          DecodeProgress.none());
      decoded = true;
    } finally {
      run.end(decoded);
    }
    return run.result();
  }

  /**
   * Transcribes audio without a container; a file that is one all the same is decoded as such.
   * Blocks; on a virtual thread.
   */
  public static FileTranscript ofRaw(
      AudioSources sources,
      Path file,
      AudioFormat format,
      int legs,
      Request request,
      Consumer<TranscriptEvent> events)
      throws SessionRefusedException, IOException, InterruptedTranscriptException {
    if (isContainer(file)) {
      return ofContainer(sources, file, legs, request, events);
    }
    RawAudio raw = new RawAudio(format);
    Run run =
        new Run(
            sources,
            request.of(format.legRateHz()),
            format.sampleRateHz(),
            format.channels(),
            events);
    run.feed.open();
    boolean decoded = false;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] piece = in.readNBytes(PIECE_BYTES);
      while (piece.length > 0) {
        run.accept(raw.decode(piece));
        piece = in.readNBytes(PIECE_BYTES);
      }
      run.accept(raw.drain());
      decoded = true;
    } finally {
      run.end(decoded);
    }
    return run.result();
  }

  private static boolean isContainer(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(ContainerSignature.MAX_BYTES);
      return ContainerSignature.find(head, head.length).isPresent();
    }
  }

  /** The answer to a file that cannot be decoded. */
  public static RefusedRequestException refusal(DecodeException failed) {
    return switch (failed.reason()) {
      case BUSY ->
          RefusedRequestException.unavailable("All decoders are busy", Duration.ofSeconds(5));
      case UNAVAILABLE ->
          RefusedRequestException.unavailable(
              "No decoder is available on this node", Duration.ofMinutes(1));
      case SINK_FAILED, CANCELLED ->
          RefusedRequestException.unavailable(
              "The transcript was interrupted", Duration.ofSeconds(5));
      case TOO_LONG, TOO_MUCH_OUTPUT, TOO_MUCH_MEMORY ->
          new RefusedRequestException(
              HttpStatus.CONTENT_TOO_LARGE, "The recording is longer than allowed");
      case UNREADABLE, EMPTY, CRASHED, HUNG ->
          RefusedRequestException.badRequest("The file is corrupt or holds no audio");
    };
  }

  private static final class Run {
    private final List<Segment> segments = new ArrayList<>();
    private final AtomicLong samples = new AtomicLong();
    private final TranscriptFeed feed;
    private final int samplesPerSecond;
    private boolean whole;

    Run(
        AudioSources sources,
        SourceRequest request,
        int rateHz,
        int channels,
        Consumer<TranscriptEvent> events) {
      this.samplesPerSecond = rateHz * channels;
      this.feed =
          new TranscriptFeed(
              sources.sessions(),
              request,
              rateHz,
              channels,
              event -> {
                if (event instanceof TranscriptEvent.Final(Segment segment)) {
                  synchronized (segments) {
                    segments.add(segment);
                  }
                }
                events.accept(event);
              });
    }

    void accept(short[] pcm) throws IOException {
      samples.addAndGet(pcm.length);
      feed.accept(pcm);
      if (!feed.isLive()) {
        throw new IOException("the transcript was given up");
      }
    }

    void end(boolean decoded) {
      whole = feed.isLive();
      feed.end(decoded ? "completed" : "failed");
    }

    FileTranscript result() throws InterruptedTranscriptException {
      if (!whole) {
        throw new InterruptedTranscriptException();
      }
      synchronized (segments) {
        return new FileTranscript(List.copyOf(segments), samples.get() / (double) samplesPerSecond);
      }
    }
  }
}
