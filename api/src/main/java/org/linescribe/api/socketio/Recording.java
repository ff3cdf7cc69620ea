package org.linescribe.api.socketio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.TranscriptFeed;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.StreamDecoder;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavFormat;
import org.linescribe.media.wav.WavWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's audio on its way into a WAV file and a transcript. Nothing of it is kept in
 * memory: raw PCM is in the file before its chunk is acknowledged, what a decoder brings out is
 * there as soon as it comes, and the file is playable at every moment.
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
  private final Path file;
  private final RecordingRequest request;
  private final long maxFrames;
  private final @Nullable TranscriptFeed feed;
  private final SocketIoMeters meters;
  private final StreamDecoder decoder;
  private final ReentrantLock lock = new ReentrantLock();

  /** Held for a piece and for the end, so that a decoder that is killed late writes no more. */
  private final ReentrantLock order = new ReentrantLock();

  private boolean ended;
  private @Nullable Outcome outcome;
  private boolean failed;
  private volatile boolean received;
  private volatile @Nullable WavWriter writer;
  private volatile long frames;

  Recording(
      String id,
      Path file,
      RecordingRequest request,
      long maxFrames,
      @Nullable TranscriptFeed feed,
      Ffmpeg ffmpeg,
      SocketIoMeters meters) {
    this.id = id;
    this.file = file;
    this.request = request;
    this.maxFrames = maxFrames;
    this.feed = feed;
    this.meters = meters;
    this.decoder =
        switch (request.coding()) {
          case RecordingRequest.Detected(var asked) ->
              new StreamDecoder(
                  ffmpeg,
                  request.sampleRateHz(),
                  request.channels(),
                  asked,
                  DecodeLimits.live(),
                  this::append);
          case RecordingRequest.Pcm16() -> raw(ffmpeg);
          case RecordingRequest.Law(G711Law _) -> raw(ffmpeg);
        };
  }

  private StreamDecoder raw(Ffmpeg ffmpeg) {
    return StreamDecoder.raw(ffmpeg, request.sampleRateHz(), request.channels(), this::append);
  }

  String id() {
    return id;
  }

  /**
   * Goes on with the file of an earlier connection, if there is one.
   *
   * @throws IOException when that cannot be read or is of another shape
   */
  void open() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    WavWriter found = WavWriter.append(file);
    WavFormat format = found.format();
    if (format.sampleRateHz() != request.sampleRateHz()
        || format.channels() != request.channels()) {
      found.close();
      throw new IOException(
          "session_id: its recording has "
              + format.sampleRateHz()
              + " Hz and "
              + format.channels()
              + " channels");
    }
    writer = found;
    frames = found.frames();
  }

  /**
   * Takes a chunk, cut anywhere.
   *
   * @throws IOException when the recording has failed, now or before
   */
  void write(byte[] chunk) throws IOException, RefusedChunkException {
    lock.lock();
    try {
      if (outcome != null) {
        throw new RefusedChunkException("Recording is stopped");
      }
      if (failed) {
        throw new IOException("failed before");
      }
      if (frames >= maxFrames) {
        meters.refused("max-duration");
        throw new RefusedChunkException("Recording is too long");
      }
      received |= chunk.length > 0;
      meters.chunks.increment();
      meters.chunkBytes.increment(chunk.length);
      if (request.coding() instanceof RecordingRequest.Law(G711Law law)) {
        byte[] pcm = linear(law, chunk);
        decoder.write(pcm, 0, pcm.length);
      } else {
        decoder.write(chunk, 0, chunk.length);
      }
    } catch (IOException e) {
      if (!failed) {
        LOG.warn("Recording {} failed: {}", id, e.toString());
      }
      failed = true;
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private static byte[] linear(G711Law law, byte[] codes) {
    short[] samples = new short[codes.length];
    law.decode(codes, 0, codes.length, samples, 0);
    ByteBuffer pcm = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    pcm.asShortBuffer().put(samples);
    return pcm.array();
  }

  /** Decoded audio. Thread: the writer's or the decoder's own. */
  private void append(ByteBuffer pcm) throws IOException {
    order.lock();
    try {
      if (ended) {
        throw new IOException("the recording has ended");
      }
      appendInOrder(pcm);
    } finally {
      order.unlock();
    }
  }

  private void appendInOrder(ByteBuffer pcm) throws IOException {
    WavWriter to = writer;
    if (to == null) {
      to = WavWriter.create(file, request.sampleRateHz(), request.channels());
      writer = to;
    }
    short[] samples = new short[pcm.remaining() / 2];
    pcm.duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
    to.write(samples, 0, samples.length / request.channels());
    to.flush();
    frames = to.frames();
    if (feed != null) {
      feed.accept(pcm);
    }
  }

  /** Ends it once; every caller returns when the file and the transcript are whole. */
  Outcome stop(String reason) {
    lock.lock();
    try {
      if (outcome == null) {
        outcome = end(reason);
        meters.recording(outcome.name().toLowerCase(Locale.ROOT), reason);
      }
      return outcome;
    } finally {
      lock.unlock();
    }
  }

  private Outcome end(String reason) {
    try {
      if (!failed) {
        decoder.finish();
      }
    } catch (IOException e) {
      LOG.warn("Recording {} lacks its end: {}", id, e.toString());
      failed = true;
    }
    decoder.close();
    order.lock();
    try {
      ended = true;
    } finally {
      order.unlock();
    }
    WavWriter open = writer;
    try {
      if (open != null) {
        try (open) {
          open.sync();
        }
      }
    } catch (IOException e) {
      LOG.warn("Recording {} cannot be completed: {}", id, e.toString());
      failed = true;
    }
    if (feed != null) {
      feed.end(reason);
    }
    return failed ? Outcome.FAILED : frames == 0 ? Outcome.EMPTY : Outcome.SAVED;
  }

  /** Gives up what was opened and is not to begin; the file of an earlier connection stays. */
  void abandon() {
    decoder.close();
    WavWriter open = writer;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.warn("Recording {} cannot be closed again: {}", id, e.toString());
      }
    }
  }

  /** Whether no byte of audio has come, of this connection or of one before. */
  boolean isEmpty() {
    return !received && frames == 0;
  }
}
