package org.linescribe.media.format;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Decodes a file that lies on disk. It is seekable, so an index at its end is found too.
 *
 * <p>With FFmpeg 6 and newer the child gets the file as its open standard input and never a path.
 *
 * <p>Thread: any; the calls block, and an interrupt kills the child and ends them as CANCELLED.
 */
public final class FfmpegFileDecoder {
  private final Ffmpeg ffmpeg;

  public FfmpegFileDecoder(Ffmpeg ffmpeg) {
    this.ffmpeg = ffmpeg;
  }

  /**
   * Decodes all of a file's first audio stream.
   *
   * @param sink gets the audio on another thread than the caller's
   * @return frames that the sink has had, at least 1
   * @throws DecodeException EMPTY when FFmpeg found nothing to decode
   */
  public long decode(Path file, DecodeRequest request, PcmSink sink, DecodeProgress progress)
      throws DecodeException {
    FfmpegProgram program = ffmpeg.program();
    Path source = readable(file);
    FfmpegChild child =
        ffmpeg.start(
            FfmpegArguments.file(program, request, source.toString()),
            source,
            request,
            sink,
            progress);
    child.awaitDone();
    return child.outputFrames();
  }

  /** Mono floats at a rate, of any container, within the usual limits. */
  public long decode(Path file, int sampleRateHz, PcmSink.Floats sink) throws DecodeException {
    return decode(
        file,
        DecodeRequest.monoFloats(AudioInput.auto(), sampleRateHz, DecodeLimits.file()),
        PcmSink.floats(sink),
        DecodeProgress.none());
  }

  /**
   * What a file claims to be, by its headers alone.
   *
   * @throws DecodeException UNREADABLE when it has no audio stream
   */
  public AudioProbe probe(Path file) throws DecodeException {
    FfmpegProgram program = ffmpeg.program();
    DecodeRequest request =
        DecodeRequest.monoFloats(AudioInput.auto(), 16_000, DecodeLimits.file());
    Path source = readable(file);
    FfmpegChild child =
        ffmpeg.start(
            FfmpegArguments.probe(program, request.limits(), source.toString()),
            source,
            request,
            pcm -> {},
            DecodeProgress.none());
    DecodeException end;
    try {
      child.awaitDone();
      throw new IllegalStateException("FFmpeg decoded without being asked");
    } catch (DecodeException e) {
      end = e;
    }
    // Without an output FFmpeg always ends with a failure, after it has described the input.
    StderrReader messages = child.messages();
    boolean described =
        end.reason() == DecodeException.Reason.UNREADABLE && !messages.codec().isEmpty();
    if (!described) {
      throw end;
    }
    return new AudioProbe(messages.durationMs(), messages.codec(), messages.sampleRateHz());
  }

  private static Path readable(Path file) throws DecodeException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new DecodeException(DecodeException.Reason.UNREADABLE, "not a readable file");
    }
    return file.toAbsolutePath();
  }
}
