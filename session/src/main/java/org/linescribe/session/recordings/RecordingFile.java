package org.linescribe.session.recordings;

import java.io.IOException;
import java.nio.file.Path;
import org.linescribe.session.encryption.EncryptionKeys;

/**
 * The WAV file of a recording, plain or encrypted. After each call that returns, all of its audio
 * is safe against a kill of this process.
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

    /** With which files are read; {@link EncryptionKeys#NONE} where they are plain. */
    default EncryptionKeys keys() {
      return EncryptionKeys.NONE;
    }
  }

  /** On disk, plain. */
  Store ON_DISK = new RecordingFiles(EncryptionKeys.NONE);
}
