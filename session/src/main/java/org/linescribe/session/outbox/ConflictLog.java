package org.linescribe.session.outbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.linescribe.session.store.StoreWrite;

/**
 * Changes that the store refuses for ever, a line of JSON each, kept where an operator finds them:
 * {@code conflicts.log} beside the outbox's files. Thread: the outbox's drain.
 */
final class ConflictLog {
  private final Path file;

  ConflictLog(Path directory) {
    this.file = directory.resolve("conflicts.log");
  }

  /**
   * Returns when it is on the disk.
   *
   * @throws UncheckedIOException when the disk refuses it
   */
  void append(StoreWrite write) {
    byte[] line = (StoreWriteJson.write(write) + "\n").getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      for (ByteBuffer left = ByteBuffer.wrap(line); left.hasRemaining(); ) {
        channel.write(left);
      }
      channel.force(true);
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }
}
