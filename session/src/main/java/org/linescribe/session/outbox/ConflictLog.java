package org.linescribe.session.outbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.linescribe.session.SessionId;
import org.linescribe.session.storage.DataFolder;
import org.linescribe.session.store.StoreWrite;

/**
 * Changes that the store refuses for ever, a line of JSON each, kept where an operator finds them:
 * {@code conflicts.log} beside the outbox's files. Thread: any.
 */
final class ConflictLog {
  private final Path directory;
  private final Path file;
  private final ReentrantLock lock = new ReentrantLock();

  ConflictLog(Path directory) {
    this.directory = directory;
    this.file = directory.resolve("conflicts.log");
  }

  /**
   * Returns when it is on the disk.
   *
   * @throws UncheckedIOException when the disk refuses it
   */
  void append(StoreWrite write) {
    byte[] line = (StoreWriteJson.write(write) + "\n").getBytes(StandardCharsets.UTF_8);
    lock.lock();
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      for (ByteBuffer left = ByteBuffer.wrap(line); left.hasRemaining(); ) {
        channel.write(left);
      }
      channel.force(true);
      DataFolder.restrict(file);
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    } finally {
      lock.unlock();
    }
  }

  private static boolean isOf(SessionId sessionId, String line) {
    try {
      return StoreWriteJson.read(line).sessionId().equals(sessionId);
    } catch (RuntimeException cutOff) {
      return line.contains('"' + sessionId.value() + '"');
    }
  }

  /**
   * Removes a session's lines; they are gone, and the others still there, also after a power
   * failure.
   *
   * @throws UncheckedIOException when the disk refuses it; nothing is removed then
   */
  void erase(SessionId sessionId) {
    lock.lock();
    try {
      if (!Files.exists(file)) {
        return;
      }
      // Byte by byte: a line that a crash cut off may end in a part of a character.
      String kept =
          Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
              .filter(line -> !isOf(sessionId, line))
              .map(line -> line + "\n")
              .collect(Collectors.joining());
      DataFolder.replace(file, kept.getBytes(StandardCharsets.ISO_8859_1), true);
      DataFolder.forceEntries(directory);
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    } finally {
      lock.unlock();
    }
  }
}
