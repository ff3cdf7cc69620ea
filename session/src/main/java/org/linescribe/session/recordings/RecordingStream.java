package org.linescribe.session.recordings;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.PcmSink;
import org.linescribe.media.format.StreamDecoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes the stream of one connection into a recording.
 *
 * <p>What a decoder may hold back is spooled first. A decoder that crashes or hangs is replaced:
 * the spool is decoded again and what is in the file already is skipped, so the client notices no
 * more than a pause. FFmpeg decodes the same bytes to the same samples, so the seam is exact.
 *
 * <p>Thread: one at a time; blocks.
 */
public final class RecordingStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecordingStream.class);
  private static final int MAX_RESTARTS = 2;

  private final RecordingWriter writer;
  private final Ffmpeg ffmpeg;
  private final Optional<ContainerFormat> asked;
  private final DecodeLimits limits;
  private StreamPosition position;
  private @Nullable StreamDecoder decoder;
  private @Nullable Spool spool;
  private int restarts;
  private boolean finished;

  private RecordingStream(
      RecordingWriter writer,
      Ffmpeg ffmpeg,
      Optional<ContainerFormat> asked,
      DecodeLimits limits,
      StreamPosition position) {
    this.writer = writer;
    this.ffmpeg = ffmpeg;
    this.asked = asked;
    this.limits = limits;
    this.position = position;
  }

  /**
   * @param asked what the stream is declared to be; its first bytes overrule it
   */
  public static RecordingStream of(
      RecordingWriter writer, Ffmpeg ffmpeg, Optional<ContainerFormat> asked, DecodeLimits limits) {
    return new RecordingStream(writer, ffmpeg, asked, limits, new StreamPosition(null, 0));
  }

  /** For raw PCM of the recording's shape, whatever its first bytes look like. */
  public static RecordingStream raw(RecordingWriter writer, Ffmpeg ffmpeg) {
    RecordingStream stream = of(writer, ffmpeg, Optional.empty(), DecodeLimits.live());
    AudioShape shape = writer.shape();
    StreamPosition position = stream.position;
    stream.decoder =
        StreamDecoder.raw(
            ffmpeg, shape.sampleRateHz(), shape.channels(), pcm -> writer.append(pcm, position));
    return stream;
  }

  /** Takes the next bytes; when it returns they are safe against a kill of this process. */
  public void write(byte[] chunk) throws IOException {
    if (finished) {
      throw new IOException("the stream has ended");
    }
    StreamDecoder current = decoder;
    if (current == null) {
      current = decoder = decoder(0);
    }
    if (!current.isDirect()) {
      Spool open = spool;
      if (open == null) {
        spool = open = writer.newSpool(asked);
        position.use(open);
      }
      try {
        open.append(chunk);
      } catch (IOException e) {
        throw writer.storageFailed(e);
      }
    }
    try {
      current.write(chunk, 0, chunk.length);
    } catch (DecodeException e) {
      restart(e, false);
    }
    if (current.isDirect()) {
      dropSpool();
    }
  }

  /** Brings out the last of the audio. Idempotent. */
  public void finish() throws IOException {
    if (finished) {
      return;
    }
    finished = true;
    StreamDecoder current = decoder;
    if (current == null) {
      return;
    }
    try {
      current.finish();
    } catch (DecodeException e) {
      restart(e, true);
    }
    dropSpool();
  }

  private void restart(DecodeException failure, boolean finish) throws IOException {
    Spool open = spool;
    boolean worthwhile =
        failure.reason() == DecodeException.Reason.CRASHED
            || failure.reason() == DecodeException.Reason.HUNG;
    if (!worthwhile || open == null || restarts >= MAX_RESTARTS) {
      throw failure;
    }
    restarts++;
    LOG.warn("A decoder is replaced ({} of {}): {}", restarts, MAX_RESTARTS, failure.getMessage());
    close();
    // Under the lock, so that a piece which the old one is appending now counts, and no later one.
    long framesInFile = writer.supersede(position);
    position = new StreamPosition(open, framesInFile);
    StreamDecoder fresh = decoder(framesInFile);
    decoder = fresh;
    try {
      feed(fresh, open);
      if (finish) {
        fresh.finish();
      }
    } catch (DecodeException again) {
      restart(again, finish);
    }
  }

  private static void feed(StreamDecoder decoder, Spool spool) throws IOException {
    spool.forEachPiece((piece, length) -> decoder.write(piece, 0, length));
  }

  /** A decoder whose first frames are skipped, because they are in the file already. */
  private StreamDecoder decoder(long framesInFile) {
    AudioShape shape = writer.shape();
    StreamPosition mine = position;
    long[] skip = {framesInFile * shape.channels()};
    PcmSink sink =
        pcm -> {
          int skipped = (int) Math.min(skip[0], pcm.length);
          skip[0] -= skipped;
          if (skipped < pcm.length) {
            writer.append(skipped == 0 ? pcm : Arrays.copyOfRange(pcm, skipped, pcm.length), mine);
          }
        };
    return new StreamDecoder(ffmpeg, shape.sampleRateHz(), shape.channels(), asked, limits, sink);
  }

  private void dropSpool() throws IOException {
    Spool open = spool;
    if (open != null) {
      spool = null;
      position.use(null);
      open.delete();
    }
  }

  /** Closes the stream and drops its spool: its bytes cannot be decoded, now or later. */
  public void abandon() {
    finished = true;
    close();
    try {
      dropSpool();
    } catch (IOException e) {
      LOG.warn("A spool file could not be deleted: {}", e.getMessage());
    }
  }

  /** Kills the decoder. The spool stays for the next start. */
  @Override
  public void close() {
    StreamDecoder current = decoder;
    if (current != null) {
      current.close();
    }
  }

  /**
   * Appends to a recording what the spools of a killed process hold beyond the end of its file,
   * each frame once: also when this process is killed meanwhile, or its disk is full.
   *
   * @throws IOException when the storage takes nothing or no decoder runs; what is left stays for
   *     the next start
   */
  static void recover(
      RecordingWriter writer, List<Spool.Left> spools, Ffmpeg ffmpeg, DecodeLimits limits)
      throws IOException {
    long fileFrames = writer.frames();
    List<RecordingStream> streams = new ArrayList<>();
    // Every position refers to the length that the killed process left: rewritten before it
    // changes.
    for (Spool.Left left : spools) {
      long framesInFile = left.framesIn(fileFrames);
      Spool spool = Spool.reopen(left.path(), writer.keys());
      spool.position(framesInFile, fileFrames, 0);
      RecordingStream stream =
          new RecordingStream(
              writer, ffmpeg, left.asked(), limits, new StreamPosition(spool, framesInFile));
      stream.spool = spool;
      stream.decoder = stream.decoder(framesInFile);
      streams.add(stream);
    }
    for (RecordingStream stream : streams) {
      stream.decodeSpool();
    }
  }

  private void decodeSpool() throws IOException {
    try (Spool open = spool) {
      StreamDecoder fresh = decoder;
      if (open == null || fresh == null) {
        return;
      }
      feed(fresh, open);
      finish();
    } catch (Spool.ReadException e) {
      if (!e.isDamage()) {
        throw e;
      }
      endAtDamage(e);
    } catch (IOException e) {
      if (!isFaultOfStream(e)) {
        throw e;
      }
      LOG.warn("Recording {}: a spool yields no more audio: {}", writer.name(), e.getMessage());
      dropSpool();
    } finally {
      close();
    }
  }

  /** Brings out what is before the damage and puts the spool aside. */
  private void endAtDamage(IOException damage) throws IOException {
    finished = true;
    StreamDecoder current = Objects.requireNonNull(decoder);
    try {
      current.finish();
    } catch (DecodeException e) {
      if (!isFaultOfStream(e)) {
        throw e;
      }
    }
    Spool open = Objects.requireNonNull(spool);
    spool = null;
    position.use(null);
    String kept = open.keepDamaged();
    LOG.error(
        "Recording {}: a spool was damaged, and its audio from there on is missing; kept as {}: {}",
        writer.name(),
        kept,
        damage.getMessage());
  }

  /** Whether a later try would bring no more. */
  private boolean isFaultOfStream(IOException failure) {
    if (!(failure instanceof DecodeException e)) {
      return !writer.isRefusing();
    }
    return switch (e.reason()) {
      case BUSY, UNAVAILABLE, CANCELLED, SINK_FAILED -> false;
      case UNREADABLE, EMPTY, CRASHED, HUNG, TOO_LONG, TOO_MUCH_OUTPUT, TOO_MUCH_MEMORY -> true;
    };
  }
}
