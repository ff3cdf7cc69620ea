package org.linescribe.session.outbox;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a directory to one user, until it is closed or its process ends. Thread: any. */
final class DirectoryLock implements AutoCloseable {
  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws IllegalStateException when another process, or this one already, uses the directory
   */
  static DirectoryLock take(Path directory) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return new DirectoryLock(channel);
      }
    } catch (OverlappingFileLockException thisProcess) {
      // as another process's lock
    } catch (IOException | RuntimeException unusable) {
      channel.close();
      throw unusable;
    }
    channel.close();
    throw new IllegalStateException(
        "outbox directory " + directory + " is in use by another process");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
