package org.linescribe.api.socketio;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.TranscriptFeed;
import org.linescribe.media.codec.Pcm16;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.recordings.RecordingStream;
import org.linescribe.session.recordings.RecordingWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records one connection's audio into a WAV file and a transcript. An acknowledged chunk is in the
 * file, or in the spool beside it until a decoder has brought out its audio.
 *
 * <p>Thread: any; writing and stopping take turns. Both block.
 */
final class Recording {
  private static final Logger LOG = LoggerFactory.getLogger(Recording.class);

  /** How a recording ended. */
  enum Outcome {
    /** The file is on the disk, whole. */
    SAVED,
    /** There was no audio, and there is no file. */
    EMPTY,
    /** Not all of it could be decoded or written; what could be is in the file. */
    FAILED
  }

  /** Audio came that is not taken. */
  static final class RefusedChunkException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedChunkException(String message) {
      super(message);
    }
  }

  private final String id;
  private final RecordingRequest request;
  private final long maxFrames;
  private final @Nullable TranscriptFeed feed;
  private final RecordingMeters meters;
  private final RecordingWriter writer;
  private final RecordingStream stream;
  private @Nullable Outcome outcome;
  private boolean failed;
  private volatile boolean received;

  /** Goes on with the recording of an earlier connection, if there is one. */
  Recording(
      String id,
      RecordingFolder folder,
      String name,
      RecordingRequest request,
      long maxFrames,
      @Nullable TranscriptFeed feed,
      Ffmpeg ffmpeg,
      RecordingMeters meters)
      throws IOException {
    this.id = id;
    this.request = request;
    this.maxFrames = maxFrames;
    this.feed = feed;
    this.meters = meters;
    this.writer = folder.open(name, request.shape(), this::appended);
    this.stream =
        switch (request.coding()) {
          case RecordingRequest.Detected(var asked) ->
              RecordingStream.of(writer, ffmpeg, asked, DecodeLimits.live());
          case RecordingRequest.Pcm16() -> RecordingStream.raw(writer, ffmpeg);
          case RecordingRequest.Law(G711Law _) -> RecordingStream.raw(writer, ffmpeg);
        };
  }

  private void appended(short[] pcm) {
    if (feed != null) {
      feed.accept(pcm);
    }
  }

  /**
   * Takes a chunk, cut anywhere.
   *
   * @throws IOException when the recording has failed, now or before
   */
  synchronized void write(byte[] chunk) throws IOException, RefusedChunkException {
    try {
      if (outcome != null) {
        throw new RefusedChunkException("Recording is stopped");
      }
      if (failed) {
        throw new IOException("failed before");
      }
      if (writer.frames() >= maxFrames) {
        meters.refused("max-duration");
        throw new RefusedChunkException("Recording is too long");
      }
      received |= chunk.length > 0;
      meters.chunks.increment();
      meters.chunkBytes.increment(chunk.length);
      stream.write(
          request.coding() instanceof RecordingRequest.Law(G711Law law)
              ? linear(law, chunk)
              : chunk);
    } catch (IOException e) {
      fail("failed", e);
      throw e;
    }
  }

  private void fail(String how, IOException failure) {
    if (!failed) {
      LOG.warn("Recording {} {}: {}", id, how, failure.toString());
      failed = true;
      // Its spool would fail again at the next start.
      stream.abandon();
    }
  }

  private static byte[] linear(G711Law law, byte[] codes) {
    short[] samples = new short[codes.length];
    law.decode(codes, 0, codes.length, samples, 0);
    return Pcm16.bytes(samples);
  }

  /** Ends it once; every caller returns when the file and the transcript are complete. */
  synchronized Outcome stop(String reason) {
    if (outcome == null) {
      outcome = end(reason);
      meters.recording(outcome.name().toLowerCase(Locale.ROOT), reason);
    }
    return outcome;
  }

  private Outcome end(String reason) {
    try {
      if (!failed) {
        stream.finish();
      }
    } catch (IOException e) {
      fail("lacks its end", e);
    }
    stream.close();
    close();
    if (feed != null) {
      feed.end(reason);
    }
    return failed ? Outcome.FAILED : writer.frames() == 0 ? Outcome.EMPTY : Outcome.SAVED;
  }

  private void close() {
    try {
      writer.close();
      writer.deleteIfEmpty();
    } catch (IOException e) {
      fail("cannot be completed", e);
    }
  }

  /** Closes one that was opened and is not to begin; the file of an earlier connection stays. */
  void abandon() {
    stream.close();
    close();
  }

  /** Whether no byte of audio has come, of this connection or of one before. */
  boolean isEmpty() {
    return !received && writer.frames() == 0;
  }
}
