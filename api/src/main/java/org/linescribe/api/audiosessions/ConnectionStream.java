package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.StreamDecoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of one connection on its way into its session's file.
 *
 * <p>What a decoder may hold back is spooled first. A decoder that crashes or hangs is replaced:
 * the spool is decoded again and what the file has already is passed over, so the client notices no
 * more than a pause. FFmpeg decodes the same bytes to the same samples, so the seam is exact.
 *
 * <p>Thread: one at a time; blocks.
 */
final class ConnectionStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionStream.class);
  private static final int MAX_RESTARTS = 2;
  private static final int PIECE_BYTES = 64 * 1024;

  /** The session's side: pieces come in here, and only there is it known where they land. */
  interface Destination {
    /** Appends a piece after noting its place; both under the session's lock. */
    void append(ByteBuffer pcm, Note note) throws IOException;

    /** Notes and counts a piece. Thread: under the session's lock. */
    interface Note {
      void before(long fileFrames, long pieceFrames) throws IOException;

      void after(long pieceFrames);
    }

    /** Runs a short task while no piece is being appended. */
    void exclusively(Runnable task);

    AudioShape shape();

    Spool newSpool() throws IOException;

    /** Puts the session into error because its storage takes nothing more; what to throw. */
    IOException storageFailed(IOException cause);
  }

  private final Destination destination;
  private final Ffmpeg ffmpeg;
  private final Optional<ContainerFormat> asked;
  private final DecodeLimits limits;
  private @Nullable StreamDecoder decoder;
  private volatile @Nullable Spool spool;
  private volatile long frames;
  private volatile int generation;
  private int restarts;
  private boolean finished;

  ConnectionStream(
      Destination destination,
      Ffmpeg ffmpeg,
      Optional<ContainerFormat> asked,
      DecodeLimits limits) {
    this.destination = destination;
    this.ffmpeg = ffmpeg;
    this.asked = asked;
    this.limits = limits;
  }

  /** Takes the next bytes; when it returns they are safe against a kill of this process. */
  void ingest(byte[] chunk) throws IOException {
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
        spool = open = destination.newSpool();
      }
      try {
        open.append(chunk);
      } catch (IOException e) {
        throw destination.storageFailed(e);
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
  void finish() throws IOException {
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
    // Under the lock, so that a piece which the old one is bringing now counts, and no later one.
    long[] framesInFile = {0};
    destination.exclusively(
        () -> {
          generation++;
          framesInFile[0] = frames;
        });
    StreamDecoder fresh = decoder(framesInFile[0]);
    decoder = fresh;
    try {
      feed(fresh, open.bytes());
      if (finish) {
        fresh.finish();
      }
    } catch (DecodeException again) {
      restart(again, finish);
    }
  }

  static void feed(StreamDecoder decoder, InputStream bytes) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    try (InputStream in = bytes) {
      int read;
      while ((read = in.read(piece)) >= 0) {
        decoder.write(piece, 0, read);
      }
    }
  }

  private StreamDecoder decoder(long skipFrames) {
    Places places = new Places(generation);
    AudioShape shape = destination.shape();
    PcmTarget target = beyond(skipFrames, shape, pcm -> destination.append(pcm, places));
    return new StreamDecoder(
        ffmpeg, shape.sampleRateHz(), shape.channels(), asked, limits, target::append);
  }

  /** Passes over the first frames, which the target has already. */
  static PcmTarget beyond(long frames, AudioShape shape, PcmTarget target) {
    long[] skip = {frames * shape.bytesPerFrame()};
    return pcm -> {
      int passed = (int) Math.min(skip[0], pcm.remaining());
      skip[0] -= passed;
      pcm.position(pcm.position() + passed);
      if (pcm.hasRemaining()) {
        target.append(pcm);
      }
    };
  }

  private final class Places implements Destination.Note {
    private final int mine;

    Places(int mine) {
      this.mine = mine;
    }

    @Override
    public void before(long fileFrames, long pieceFrames) throws IOException {
      if (mine != generation) {
        // The last piece of a decoder that was replaced; its successor brings it.
        throw new IOException("superseded");
      }
      Spool open = spool;
      if (open != null) {
        open.place(frames, fileFrames, pieceFrames);
      }
    }

    @Override
    public void after(long pieceFrames) {
      frames += pieceFrames;
    }
  }

  private void dropSpool() throws IOException {
    Spool open = spool;
    if (open != null) {
      spool = null;
      open.delete();
    }
  }

  /** Gives the stream up: its bytes cannot be decoded, now or later. */
  void abandon() {
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
}
