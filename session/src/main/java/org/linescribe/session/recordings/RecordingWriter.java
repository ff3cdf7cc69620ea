package org.linescribe.session.recordings;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.session.encryption.EncryptionKeys;

/**
 * Appends the audio of one or more streams to the WAV file of a recording, in the order of its
 * arrival.
 *
 * <p>Thread: any; a lock separates the pieces of several streams. Blocks, except {@link #frames}.
 */
public final class RecordingWriter {
  /** Receives what happens to a recording. Thread: the appending one, under the writer's lock. */
  public interface Listener {
    /**
     * @param pcm that is in the file now; borrowed
     */
    void onAppended(short[] pcm);

    /** The storage took no more audio; every later piece is refused. */
    default void onStorageFailed(IOException cause) {}
  }

  private final RecordingFolder folder;
  private final String name;
  private final AudioShape shape;
  private final Listener listener;
  private @Nullable RecordingFile file;
  private @Nullable String refusal;
  private volatile long frames;

  RecordingWriter(
      RecordingFolder folder,
      String name,
      AudioShape shape,
      @Nullable RecordingFile file,
      Listener listener) {
    this.folder = folder;
    this.name = name;
    this.shape = shape;
    this.file = file;
    this.listener = listener;
    this.frames = file == null ? 0 : file.frames();
    folder.opened(name);
  }

  public AudioShape shape() {
    return shape;
  }

  /** Frames in the file. */
  public long frames() {
    return frames;
  }

  EncryptionKeys keys() {
    return folder.keys();
  }

  String name() {
    return name;
  }

  synchronized boolean isRefusing() {
    return refusal != null;
  }

  /**
   * @param pcm whole frames, interleaved
   */
  synchronized void append(short[] pcm, StreamPosition position) throws IOException {
    if (refusal != null) {
      throw new IOException("the recording is " + refusal);
    }
    int count = pcm.length / shape.channels();
    position.checkCurrent();
    try {
      position.before(frames, count);
      openFile().append(pcm, count);
    } catch (IOException e) {
      throw storageFailed(e);
    }
    position.after(count);
    frames += count;
    listener.onAppended(pcm);
  }

  private RecordingFile openFile() throws IOException {
    RecordingFile open = file;
    if (open == null) {
      open = file = folder.createFile(name, shape);
    }
    return open;
  }

  /** A spool for a stream of this recording, whose file exists from now on and shows its shape. */
  synchronized Spool newSpool(Optional<ContainerFormat> asked) throws IOException {
    try {
      openFile();
      return Spool.create(folder.directory(), name, asked, folder.keys());
    } catch (IOException e) {
      throw storageFailed(e);
    }
  }

  /** Refuses further audio because the storage took none; returns what to throw. */
  synchronized IOException storageFailed(IOException cause) {
    if (refusal == null) {
      refusal = "in error";
      listener.onStorageFailed(cause);
    }
    return new IOException("the storage does not take audio", cause);
  }

  /**
   * Refuses further audio.
   *
   * @param why completes "the recording is …"
   */
  public synchronized void refuse(String why) {
    if (refusal == null) {
      refusal = why;
    }
  }

  /** Voids the output of a decoder that is replaced; returns the frames that it brought. */
  synchronized long supersede(StreamPosition position) {
    return position.supersede();
  }

  /** Waits for the disk and closes the file. Idempotent. */
  public synchronized void close() throws IOException {
    try {
      refuse("closed");
      if (file != null) {
        file.close();
      }
    } finally {
      folder.closed(name);
    }
  }

  /** Deletes the file of a recording that has no audio; {@link #close} comes first. */
  public void deleteIfEmpty() throws IOException {
    if (frames == 0) {
      folder.delete(name);
    }
  }
}
