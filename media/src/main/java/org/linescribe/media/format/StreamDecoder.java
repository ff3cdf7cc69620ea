package org.linescribe.media.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.codec.Pcm16;

/**
 * Decodes a live stream of bytes, cut anywhere, to 16-bit PCM of one rate and number of channels.
 * The first bytes tell what the stream is. Further files may follow the first in the same stream,
 * as from a client that puts a whole file into every message.
 *
 * <p>Raw PCM, and WAV of 16 bit in that shape, go straight through. WAV of 16 bit in another shape
 * goes through an FFmpeg child without its headers, other WAV behind one open-ended header,
 * everything else as it came.
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
  private final Optional<ContainerFormat> expected;
  private final DecodeLimits limits;
  private final PcmSink sink;

  /** Bytes of a file whose format is undecided, or that may begin the next file. */
  private final ByteArrayOutputStream undecided = new ByteArrayOutputStream();

  private final byte[] cutFrame;
  private int cutFrameBytes;
  private @Nullable WaveStream wave;
  private WaveStream.@Nullable Format waveFormat;
  private int waveHeaderBytes;
  private @Nullable FileBoundary boundary;
  private @Nullable Mp4File mp4;
  private volatile @Nullable FfmpegDecoder child;
  private boolean decided;
  private boolean direct;
  private volatile boolean closed;

  /**
   * @param sampleRateHz of what the sink gets, and of raw PCM
   * @param channels 1 or 2, of both
   * @param expected what the client says that the stream is; a signature overrules it
   */
  public StreamDecoder(
      Ffmpeg ffmpeg,
      int sampleRateHz,
      int channels,
      Optional<ContainerFormat> expected,
      DecodeLimits limits,
      PcmSink sink) {
    this.ffmpeg = ffmpeg;
    this.sampleRateHz = sampleRateHz;
    this.channels = channels;
    this.expected = expected;
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

  /** Whether the stream stopped within a frame of PCM so far. */
  public boolean hasPartialFrame() {
    return cutFrameBytes > 0;
  }

  /** Whether a WAV file is complete and no other has begun. */
  public boolean isBetweenFiles() {
    return wave != null && wave.isBetweenFiles();
  }

  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (decided) {
      pass(bytes, offset, length);
      return;
    }
    undecided.write(bytes, offset, length);
    decide(false);
  }

  private void decide(boolean ended) throws IOException {
    byte[] head = undecided.toByteArray();
    Optional<ContainerFormat> found = ContainerSignature.find(head, head.length);
    if (found.isEmpty() && !ended && ContainerSignature.isUndecided(head, head.length)) {
      return;
    }
    if (found.isEmpty() && ContainerSignature.isForeign(head, head.length)) {
      throw new DecodeException(
          DecodeException.Reason.UNREADABLE, "a file that is not audio, or is not decoded here");
    }
    // An ID3 tag may stand before AAC and FLAC, too.
    boolean certain = found.isPresent() && found.get() != ContainerFormat.MP3;
    Optional<ContainerFormat> format = certain ? found : expected.or(() -> found);
    if (format.isEmpty()) {
      direct = true;
    } else if (found.equals(Optional.of(ContainerFormat.WAV))) {
      wave = new WaveStream(new WaveChunks());
    } else {
      ContainerFormat container = format.get();
      if (container == ContainerFormat.MP4) {
        Mp4File.Layout layout = Mp4File.layout(head, head.length);
        if (layout == Mp4File.Layout.UNKNOWN && !ended) {
          return;
        }
        mp4 = layout == Mp4File.Layout.INDEX_FIRST ? null : new Mp4File();
      }
      if (mp4 == null) {
        start(AudioInput.container(container));
      }
      boundary = new FileBoundary(container);
    }
    decided = true;
    undecided.reset();
    if (boundary == null) {
      pass(head, 0, head.length);
    } else {
      encoded(head, 1);
    }
  }

  private void pass(byte[] bytes, int offset, int length) throws IOException {
    if (boundary != null) {
      // What may begin a file waits here for the bytes that follow it.
      undecided.write(bytes, offset, length);
      byte[] pending = undecided.toByteArray();
      undecided.reset();
      encoded(pending, 0);
    } else if (wave != null) {
      if (waveFormat == null && (waveHeaderBytes += length) > MAX_HEADER_BYTES) {
        throw new IOException("no audio within " + MAX_HEADER_BYTES + " bytes of WAV header");
      }
      wave.take(bytes, offset, length);
    } else {
      toSink(bytes, offset, length);
    }
  }

  /**
   * Passes encoded bytes on up to where the next file begins, or may begin.
   *
   * @param lookFrom where a next file may begin at the earliest
   */
  private void encoded(byte[] bytes, int lookFrom) throws IOException {
    FileBoundary files = boundary;
    if (files == null) {
      throw new IllegalStateException("no file is open");
    }
    int next = files.find(bytes, lookFrom, bytes.length);
    toFile(bytes, 0, next);
    if (next == bytes.length) {
      return;
    }
    undecided.write(bytes, next, bytes.length - next);
    if (files.begins(bytes, next, bytes.length)) {
      finishFile();
      decided = false;
      decide(false);
    }
  }

  private void toFile(byte[] bytes, int offset, int length) throws IOException {
    if (mp4 != null) {
      mp4.write(bytes, offset, length);
    } else {
      toChild(bytes, offset, length);
    }
  }

  /** Decodes the last of a file's audio; another file may follow. */
  private void finishFile() throws IOException {
    boundary = null;
    try (Mp4File file = mp4) {
      mp4 = null;
      if (file != null) {
        file.decode(ffmpeg, request(AudioInput.container(ContainerFormat.MP4)), sink);
      }
    }
    FfmpegDecoder decoder = child;
    if (decoder != null) {
      decoder.finish();
      child = null;
    }
  }

  private final class WaveChunks implements WaveStream.Listener {
    @Override
    public void onFormat(WaveStream.Format format, byte[] openHeader) throws IOException {
      if (format.equals(waveFormat)) {
        return;
      }
      if (direct) {
        // Its owner keeps no copy of a direct stream, which a decoder that dies would need.
        throw new IOException("the WAV format changed in mid stream");
      }
      finishFile();
      waveFormat = format;
      if (!format.isPcm16()) {
        start(AudioInput.container(ContainerFormat.WAV));
        toChild(openHeader, 0, openHeader.length);
      } else if (format.sampleRateHz() == sampleRateHz && format.channels() == channels) {
        direct = true;
      } else if (format.sampleRateHz() < 1000 || format.sampleRateHz() > 384_000) {
        throw new IOException("a WAV rate of " + format.sampleRateHz() + " Hz");
      } else {
        start(new AudioInput.RawPcm16(format.sampleRateHz(), format.channels()));
      }
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

  private DecodeRequest request(AudioInput input) {
    return new DecodeRequest(input, sampleRateHz, channels, limits);
  }

  private void start(AudioInput input) throws IOException {
    FfmpegDecoder started = ffmpeg.decoder(request(input), sink);
    child = started;
    if (closed) {
      // The thread that closed may not have seen it.
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
      sink.accept(Pcm16.samples(cutFrame, 0, cutFrame.length));
    }
    int whole = (end - at) / cutFrame.length * cutFrame.length;
    if (whole > 0) {
      sink.accept(Pcm16.samples(bytes, at, whole));
    }
    cutFrameBytes = end - at - whole;
    System.arraycopy(bytes, at + whole, cutFrame, 0, cutFrameBytes);
  }

  /** Ends the stream; returns when the last of its audio was written to the sink. */
  public void finish() throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    if (!decided && undecided.size() > 0) {
      decide(true);
    }
    if (boundary != null && undecided.size() > 0) {
      toFile(undecided.toByteArray(), 0, undecided.size());
      undecided.reset();
    }
    finishFile();
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
