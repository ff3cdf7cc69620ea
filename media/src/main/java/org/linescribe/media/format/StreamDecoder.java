package org.linescribe.media.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A live stream of bytes, cut anywhere, to 16-bit PCM of one rate and number of channels. What the
 * stream is shows in its first bytes.
 *
 * <p>Raw PCM, and WAV of 16 bit in that shape, go straight through. WAV of 16 bit in another shape
 * goes through an FFmpeg child without its headers, everything else through one as it came.
 *
 * <p>Thread: one at a time, which blocks while the child does not read; {@code close} any. The sink
 * is called on the writer's thread or on the child's. Errors: {@link DecodeException} from the
 * child, an {@link IOException} for a WAV that cannot be followed, and what the sink throws.
 */
public final class StreamDecoder implements AutoCloseable {
  private static final int MAX_HEADER_BYTES = 1 << 20;

  private final Ffmpeg ffmpeg;
  private final int sampleRateHz;
  private final int channels;
  private final Optional<ContainerFormat> asked;
  private final DecodeLimits limits;
  private final PcmSink sink;
  private final ByteArrayOutputStream beginning = new ByteArrayOutputStream();
  private final byte[] cutFrame;
  private int cutFrameBytes;
  private @Nullable WaveStream wave;
  private WaveStream.@Nullable Format waveFormat;
  private volatile @Nullable FfmpegDecoder child;
  private boolean decided;
  private boolean direct;
  private boolean wholeWave;
  private volatile boolean closed;

  /**
   * @param sampleRateHz of what the sink gets, and of raw PCM
   * @param channels 1 or 2, of both
   * @param asked what the stream is said to be; a magic number overrules it
   */
  public StreamDecoder(
      Ffmpeg ffmpeg,
      int sampleRateHz,
      int channels,
      Optional<ContainerFormat> asked,
      DecodeLimits limits,
      PcmSink sink) {
    this.ffmpeg = ffmpeg;
    this.sampleRateHz = sampleRateHz;
    this.channels = channels;
    this.asked = asked;
    this.limits = limits;
    this.sink = sink;
    this.cutFrame = new byte[2 * channels];
  }

  /** For a stream that is known to be raw PCM, whatever its first bytes look like. */
  public static StreamDecoder raw(Ffmpeg ffmpeg, int sampleRateHz, int channels, PcmSink sink) {
    StreamDecoder decoder =
        new StreamDecoder(
            ffmpeg, sampleRateHz, channels, Optional.empty(), DecodeLimits.live(), sink);
    decoder.decided = true;
    decoder.direct = true;
    return decoder;
  }

  /** Whether every whole frame that was written has been given to the sink. */
  public boolean isDirect() {
    return direct;
  }

  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (decided) {
      pass(bytes, offset, length);
      return;
    }
    beginning.write(bytes, offset, length);
    decide(false);
  }

  private void decide(boolean ended) throws IOException {
    byte[] head = beginning.toByteArray();
    Optional<StreamFormat> format = StreamFormat.detect(head, head.length, ended, asked);
    if (format.isEmpty()) {
      return;
    }
    decided = true;
    beginning.reset();
    switch (format.get()) {
      case StreamFormat.Raw() -> direct = true;
      case StreamFormat.Wave() -> wave = new WaveStream(new WaveParts());
      case StreamFormat.Encoded(ContainerFormat container) ->
          start(AudioInput.container(container));
    }
    pass(head, 0, head.length);
  }

  private void pass(byte[] bytes, int offset, int length) throws IOException {
    if (wave != null && !wholeWave) {
      if (waveFormat == null) {
        if (beginning.size() > MAX_HEADER_BYTES) {
          throw new IOException("no audio within " + MAX_HEADER_BYTES + " bytes of WAV header");
        }
        // Kept until the format is known: FFmpeg may need all of it.
        beginning.write(bytes, offset, length);
      }
      wave.take(bytes, offset, length);
      if (wholeWave) {
        byte[] all = beginning.toByteArray();
        beginning.reset();
        toChild(all, 0, all.length);
      } else if (waveFormat != null) {
        beginning.reset();
      }
    } else if (child != null) {
      toChild(bytes, offset, length);
    } else {
      toSink(bytes, offset, length);
    }
  }

  private final class WaveParts implements WaveStream.Listener {
    @Override
    public boolean onFormat(WaveStream.Format format) throws IOException {
      if (waveFormat != null) {
        if (!waveFormat.equals(format)) {
          throw new IOException("the WAV format changed in mid stream");
        }
        return true;
      }
      waveFormat = format;
      if (!format.isPcm16()) {
        wholeWave = true;
        start(AudioInput.container(ContainerFormat.WAV));
        return false;
      }
      if (format.sampleRateHz() == sampleRateHz && format.channels() == channels) {
        direct = true;
      } else if (format.sampleRateHz() < 1000 || format.sampleRateHz() > 384_000) {
        throw new IOException("a WAV rate of " + format.sampleRateHz() + " Hz");
      } else {
        start(new AudioInput.RawPcm16(format.sampleRateHz(), format.channels()));
      }
      return true;
    }

    @Override
    public void onData(byte[] bytes, int offset, int length) throws IOException {
      if (child != null) {
        toChild(bytes, offset, length);
      } else {
        toSink(bytes, offset, length);
      }
    }
  }

  private void start(AudioInput input) throws IOException {
    FfmpegDecoder started =
        ffmpeg.decoder(
            new DecodeRequest(input, sampleRateHz, channels, SampleFormat.PCM16, limits), sink);
    child = started;
    if (closed) {
      // Whoever closed may not have seen it.
      started.close();
    }
  }

  private void toChild(byte[] bytes, int offset, int length) throws IOException {
    FfmpegDecoder decoder = child;
    if (decoder != null && length > 0) {
      // What comes after the stream's own end (a tag, padding) is no audio.
      decoder.write(bytes, offset, length);
    }
  }

  private void toSink(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    if (cutFrameBytes > 0) {
      int more = Math.min(cutFrame.length - cutFrameBytes, end - at);
      System.arraycopy(bytes, at, cutFrame, cutFrameBytes, more);
      cutFrameBytes += more;
      at += more;
      if (cutFrameBytes < cutFrame.length) {
        return;
      }
      cutFrameBytes = 0;
      sink.accept(ByteBuffer.wrap(cutFrame).order(ByteOrder.LITTLE_ENDIAN));
    }
    int whole = (end - at) / cutFrame.length * cutFrame.length;
    if (whole > 0) {
      sink.accept(ByteBuffer.wrap(bytes, at, whole).order(ByteOrder.LITTLE_ENDIAN));
    }
    cutFrameBytes = end - at - whole;
    System.arraycopy(bytes, at + whole, cutFrame, 0, cutFrameBytes);
  }

  /** Ends the stream; returns when the sink has had the last of its audio. */
  public void finish() throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    if (!decided && beginning.size() > 0) {
      decide(true);
    }
    FfmpegDecoder decoder = child;
    if (decoder != null) {
      decoder.finish();
    }
  }

  /** Kills the child, if there is one, or will be. Idempotent. */
  @Override
  public void close() {
    closed = true;
    FfmpegDecoder decoder = child;
    if (decoder != null) {
      decoder.close();
    }
  }
}
