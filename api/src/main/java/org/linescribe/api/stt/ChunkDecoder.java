package org.linescribe.api.stt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.DecodeRequest;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegDecoder;
import org.linescribe.media.format.FfmpegFileDecoder;
import org.linescribe.media.format.PcmSink;

/**
 * One session's containers on their way to PCM. A container may come in one chunk, or begin in one
 * and go on in the next ones, as a browser's recorder cuts it.
 *
 * <p>Thread: one at a time; the calls block.
 */
final class ChunkDecoder implements AutoCloseable {
  private final Ffmpeg ffmpeg;
  private final int sampleRateHz;
  private final PcmSink.Floats sink;
  private @Nullable FfmpegDecoder decoder;
  private @Nullable ContainerFormat format;

  ChunkDecoder(Ffmpeg ffmpeg, int sampleRateHz, PcmSink.Floats sink) {
    this.ffmpeg = ffmpeg;
    this.sampleRateHz = sampleRateHz;
    this.sink = sink;
  }

  /** Takes a chunk; false where it is no part of a container. */
  boolean take(ChunkForm form) throws IOException {
    Optional<ContainerFormat> begins = ChunkKind.begins(form);
    ContainerFormat open = format;
    if (begins.isPresent() && (open == null || !ChunkKind.continues(open, begins.get()))) {
      finish();
      begin(begins.get(), form.audio());
      return true;
    }
    FfmpegDecoder to = decoder;
    if (to == null) {
      return false;
    }
    write(to, form.audio());
    return true;
  }

  private void begin(ContainerFormat begins, byte[] bytes) throws IOException {
    if (begins == ContainerFormat.MP4) {
      decodeFile(bytes);
      return;
    }
    FfmpegDecoder opened =
        ffmpeg.decoder(
            DecodeRequest.monoFloats(
                AudioInput.container(begins), sampleRateHz, DecodeLimits.live()),
            PcmSink.floats(sink));
    decoder = opened;
    format = begins;
    write(opened, bytes);
    if (ChunkKind.isWhole(begins, bytes)) {
      finish();
    }
  }

  private void write(FfmpegDecoder to, byte[] bytes) throws IOException {
    try {
      to.write(bytes, 0, bytes.length);
    } catch (IOException failed) {
      close();
      throw failed;
    }
  }

  /** Its index may be at its end: it is decoded from a file. */
  private void decodeFile(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("linescribe-chunk-", ".bin");
    try {
      Files.write(file, bytes);
      new FfmpegFileDecoder(ffmpeg).decode(file, sampleRateHz, sink);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Brings out the last of an open container. */
  void finish() throws IOException {
    FfmpegDecoder open = decoder;
    if (open != null) {
      try {
        open.finish();
      } finally {
        close();
      }
    }
  }

  @Override
  public void close() {
    FfmpegDecoder open = decoder;
    decoder = null;
    format = null;
    if (open != null) {
      open.close();
    }
  }
}
