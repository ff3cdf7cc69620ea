package org.linescribe.session.recordings;

import java.io.IOException;
import java.nio.file.Path;
import org.linescribe.media.wav.WavWriter;

/**
 * The WAV file of a recording. After each call that returns, the file is playable and its header
 * counts all of it.
 *
 * <p>Thread: one at a time; blocks.
 */
public interface RecordingFile extends AutoCloseable {
  /**
   * @param samples interleaved
   */
  void append(short[] samples, int frames) throws IOException;

  /** Frames in the file. */
  long frames();

  /** Waits for the disk, then closes. Idempotent. */
  @Override
  void close() throws IOException;

  /** Creates and opens files; a test's disk may be full. */
  interface Store {
    RecordingFile create(Path path, AudioShape shape) throws IOException;

    /** Opens a file again, whole frames only, its header repaired. */
    RecordingFile reopen(Path path) throws IOException;
  }

  /** On disk, by {@link WavWriter}. */
  Store ON_DISK =
      new Store() {
        @Override
        public RecordingFile create(Path path, AudioShape shape) throws IOException {
          return new OnDisk(WavWriter.create(path, shape.sampleRateHz(), shape.channels()));
        }

        @Override
        public RecordingFile reopen(Path path) throws IOException {
          return new OnDisk(WavWriter.append(path));
        }
      };

  /** A file on disk. */
  final class OnDisk implements RecordingFile {
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
