package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.StreamDecoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to a session's file what the spools of a killed gateway hold beyond its end, each frame
 * once: also when this gateway is killed in the middle of it, or its disk is full.
 *
 * <p>Thread: one; blocks.
 */
final class SpoolRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolRecovery.class);

  private final AudioSession session;
  private final Ffmpeg ffmpeg;
  private final DecodeLimits limits;

  SpoolRecovery(AudioSession session, Ffmpeg ffmpeg, DecodeLimits limits) {
    this.session = session;
    this.ffmpeg = ffmpeg;
    this.limits = limits;
  }

  /**
   * @throws IOException when the storage takes nothing or no decoder runs; what is left stays for
   *     the next start
   */
  void appendAll(List<Spool.Left> spools) throws IOException {
    long fileFrames = session.frames();
    List<Rest> rests = new ArrayList<>();
    for (Spool.Left left : spools) {
      rests.add(new Rest(left, left.framesIn(fileFrames)));
    }
    // Every place refers to the length that the killed gateway left: fixed before that changes.
    for (Rest rest : rests) {
      try (Spool spool = Spool.reopen(rest.left().path())) {
        spool.place(rest.framesInFile(), fileFrames, 0);
      }
    }
    for (Rest rest : rests) {
      append(rest);
    }
  }

  /** What a spool has beyond the frames that are in the file. */
  private record Rest(Spool.Left left, long framesInFile) {}

  private void append(Rest rest) throws IOException {
    Spool.Left left = rest.left();
    try (Spool spool = Spool.reopen(left.path())) {
      AudioShape shape = session.shape();
      Places places = new Places(spool, rest.framesInFile());
      PcmTarget target =
          ConnectionStream.beyond(rest.framesInFile(), shape, pcm -> session.append(pcm, places));
      try (StreamDecoder decoder =
          new StreamDecoder(
              ffmpeg,
              shape.sampleRateHz(),
              shape.channels(),
              left.asked(),
              limits,
              target::append)) {
        ConnectionStream.feed(decoder, left.bytes());
        decoder.finish();
      } catch (IOException e) {
        if (!isTheStreamsFault(e)) {
          throw e;
        }
        LOG.warn("Audio session {}: a spool gives no more: {}", session.id(), e.getMessage());
      }
      spool.delete();
    }
  }

  /** Whether no later try would bring more. */
  private boolean isTheStreamsFault(IOException failure) {
    if (!(failure instanceof DecodeException e)) {
      return session.status() != SessionStatus.ERROR;
    }
    return switch (e.reason()) {
      case BUSY, UNAVAILABLE, CANCELLED, SINK_FAILED -> false;
      case UNREADABLE, EMPTY, CRASHED, HUNG, TOO_LONG, TOO_MUCH_OUTPUT, TOO_MUCH_MEMORY -> true;
    };
  }

  /** Keeps a spool's place true while its rest is appended. */
  private static final class Places implements ConnectionStream.Destination.Note {
    private final Spool spool;
    private long frames;

    Places(Spool spool, long frames) {
      this.spool = spool;
      this.frames = frames;
    }

    @Override
    public void before(long fileFrames, long pieceFrames) throws IOException {
      spool.place(frames, fileFrames, pieceFrames);
    }

    @Override
    public void after(long pieceFrames) {
      frames += pieceFrames;
    }
  }
}
