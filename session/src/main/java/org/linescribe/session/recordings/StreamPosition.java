package org.linescribe.session.recordings;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The position of one decoder's output in its stream. It is written to the stream's spool before
 * each piece is appended, so that the spool and the file's length show after a kill what is in the
 * file.
 *
 * <p>Thread: under the writer's lock, except {@link #use}.
 */
final class StreamPosition {
  private volatile @Nullable Spool spool;
  private volatile long frames;
  private boolean superseded;

  StreamPosition(@Nullable Spool spool, long frames) {
    this.spool = spool;
    this.frames = frames;
  }

  /** Sets or, with null, removes the spool that the stream's bytes lie in. */
  void use(@Nullable Spool present) {
    spool = present;
  }

  /** Voids the output of a decoder that is replaced; returns the frames that it brought. */
  long supersede() {
    superseded = true;
    return frames;
  }

  void checkCurrent() throws IOException {
    if (superseded) {
      // The last piece of a decoder that was replaced; its successor decodes it again.
      throw new IOException("superseded");
    }
  }

  void before(long fileFrames, long pieceFrames) throws IOException {
    Spool present = spool;
    if (present != null) {
      present.position(frames, fileFrames, pieceFrames);
    }
  }

  void after(long pieceFrames) {
    frames += pieceFrames;
  }
}
