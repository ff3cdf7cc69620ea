package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.nio.file.Path;
import org.linescribe.media.wav.WavWriter;

/**
 * A session's WAV file. After each call that returns, the file is playable and its header counts
 * all of it.
 *
 * <p>Thread: one at a time; blocks.
 */
interface AudioFile extends AutoCloseable {
  /**
   * @param samples interleaved
   */
  void append(short[] samples, int frames) throws IOException;

  /** Frames in the file. */
  long frames();

  /** Waits for the disk, then closes. Idempotent. */
  @Override
  void close() throws IOException;

  /** Where files come from. */
  interface Store {
    AudioFile create(Path path, AudioShape shape) throws IOException;

    /** Opens a file again, whole frames only, its header repaired. */
    AudioFile reopen(Path path) throws IOException;
  }

  /** On disk, by {@link WavWriter}. */
  Store ON_DISK =
      new Store() {
        @Override
        public AudioFile create(Path path, AudioShape shape) throws IOException {
          return new OnDisk(WavWriter.create(path, shape.sampleRateHz(), shape.channels()));
        }

        @Override
        public AudioFile reopen(Path path) throws IOException {
          return new OnDisk(WavWriter.append(path));
        }
      };

  /** A file on disk. */
  final class OnDisk implements AudioFile {
    private final WavWriter writer;
    private boolean closed;

    private OnDisk(WavWriter writer) {
      this.writer = writer;
    }

    @Override
    public void append(short[] samples, int frames) throws IOException {
      writer.write(samples, 0, frames);
      writer.flush();
    }

    @Override
    public long frames() {
      return writer.frames();
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        try (writer) {
          writer.sync();
        }
      }
    }
  }
}
