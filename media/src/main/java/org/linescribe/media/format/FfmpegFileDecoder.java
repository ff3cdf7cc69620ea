package org.linescribe.media.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decodes a file that lies on disk. It is seekable, so an index at its end is found too.
 *
 * <p>With FFmpeg 6 and newer the child gets the file as its open standard input and never a path.
 *
 * <p>Thread: any; the calls block, and an interrupt kills the child and ends them as CANCELLED.
 */
public final class FfmpegFileDecoder {
  private static final int MAX_CHUNKS = 1000;

  private final Ffmpeg ffmpeg;

  public FfmpegFileDecoder(Ffmpeg ffmpeg) {
    this.ffmpeg = ffmpeg;
  }

  /**
   * Decodes all of a file's first audio stream.
   *
   * @param sink gets the audio on the caller's or on another thread
   * @return frames that were written to the sink, at least 1
   * @throws DecodeException EMPTY when FFmpeg found nothing to decode
   */
  public long decode(Path file, DecodeRequest request, PcmSink sink, DecodeProgress progress)
      throws DecodeException {
    FfmpegProgram program = ffmpeg.program();
    Path source = readable(file);
    if (isIrregularWave(source)) {
      return decodeAsStream(source, request, sink, progress);
    }
    FfmpegDecoder child =
        ffmpeg.start(
            FfmpegArguments.file(program, request, source.toString()),
            source,
            request,
            sink,
            progress);
    child.awaitDone();
    return child.outputFrames();
  }

  /** Mono at a rate, of any container, within the usual limits. */
  public long decode(Path file, int sampleRateHz, PcmSink sink) throws DecodeException {
    return decode(
        file,
        DecodeRequest.mono(AudioInput.auto(), sampleRateHz, DecodeLimits.file()),
        sink,
        DecodeProgress.none());
  }

  /**
   * What a file claims to be, by its headers alone.
   *
   * @throws DecodeException UNREADABLE when it has no audio stream
   */
  public AudioProbe probe(Path file) throws DecodeException {
    FfmpegProgram program = ffmpeg.program();
    DecodeRequest request = DecodeRequest.mono(AudioInput.auto(), 16_000, DecodeLimits.file());
    Path source = readable(file);
    if (isIrregularWave(source)) {
      return new AudioProbe(OptionalLong.empty(), "pcm", 0);
    }
    FfmpegDecoder child =
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

  /**
   * Whether a WAVE file has several data chunks, of which FFmpeg would read the first, or an odd
   * chunk without its pad byte, at which it would stop.
   */
  private static boolean isIrregularWave(Path file) throws DecodeException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(head, 0);
      byte[] bytes = head.array();
      if (!ContainerSignature.find(bytes, head.position())
          .equals(Optional.of(ContainerFormat.WAV))) {
        return false;
      }
      int dataChunks = 0;
      long at = 12;
      for (int chunk = 0; chunk < MAX_CHUNKS; chunk++) {
        head.clear().limit(9);
        if (channel.read(head, at) < 8) {
          return false;
        }
        String id = new String(bytes, 0, 4, StandardCharsets.ISO_8859_1);
        dataChunks += id.equals("data") ? 1 : 0;
        long size = Integer.toUnsignedLong(head.getInt(4));
        at += 8 + size;
        if ((size & 1) == 1) {
          head.clear().limit(1);
          if (channel.read(head, at) == 1 && bytes[0] != 0) {
            return true;
          }
          at++;
        }
        if (dataChunks > 1) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new DecodeException(
          DecodeException.Reason.UNREADABLE, "the file cannot be read: " + e.getMessage(), e);
    }
  }

  private long decodeAsStream(
      Path file, DecodeRequest request, PcmSink sink, DecodeProgress progress)
      throws DecodeException {
    long[] outputBytes = {0};
    PcmSink counting =
        pcm -> {
          outputBytes[0] += (long) pcm.length * Short.BYTES;
          if (outputBytes[0] > request.limits().outputBytes()) {
            throw new DecodeException(
                DecodeException.Reason.TOO_MUCH_OUTPUT,
                "more than " + request.limits().outputBytes() + " bytes of audio");
          }
          try {
            sink.accept(pcm);
          } catch (IOException e) {
            throw new DecodeException(
                DecodeException.Reason.SINK_FAILED,
                "the audio cannot be taken: " + e.getMessage(),
                e);
          }
          long frames = outputBytes[0] / request.bytesPerFrame();
          progress.onProgress(frames * 1000 / request.sampleRateHz(), OptionalLong.empty());
        };
    try (StreamDecoder decoder =
            new StreamDecoder(
                ffmpeg,
                request.sampleRateHz(),
                request.channels(),
                Optional.empty(),
                request.limits(),
                counting);
        InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[64 * 1024];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        decoder.write(buffer, 0, read);
      }
      decoder.finish();
    } catch (DecodeException e) {
      throw e;
    } catch (IOException e) {
      throw new DecodeException(
          DecodeException.Reason.UNREADABLE, "not decodable: " + e.getMessage(), e);
    }
    if (outputBytes[0] == 0) {
      throw new DecodeException(DecodeException.Reason.EMPTY, "no audio came out");
    }
    return outputBytes[0] / request.bytesPerFrame();
  }

  private static Path readable(Path file) throws DecodeException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new DecodeException(DecodeException.Reason.UNREADABLE, "not a readable file");
    }
    return file.toAbsolutePath();
  }
}
