package org.linescribe.api.webhooks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.linescribe.session.SessionId;
import org.linescribe.session.storage.DataFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far one receiver has got in each session whose events it has not all taken: a small file for
 * each. It is on the disk before the session's first final is; that it lags afterwards costs a
 * repetition, never an event.
 *
 * <p>Thread: any, one at a time for each session; blocks.
 */
final class DeliveryCursors {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryCursors.class);

  private final SessionFiles files;
  private final Entries entries;

  /** Puts a folder's names on the disk. */
  @FunctionalInterface
  interface Entries {
    void force(Path folder) throws IOException;
  }

  DeliveryCursors(Path folder) {
    this(folder, DataFolder::forceEntries);
  }

  DeliveryCursors(Path folder, Entries entries) {
    this.files = new SessionFiles(folder, ".next");
    this.entries = entries;
  }

  /**
   * A position in a session.
   *
   * @param nextSeq the final that is due next
   * @param started whether the receiver knows of the start
   */
  record Cursor(long nextSeq, boolean started) {
    private static Cursor of(String[] words) {
      return new Cursor(Math.max(1, Long.parseLong(words[0])), words[1].equals("started"));
    }

    private String line() {
      return nextSeq + (started ? " started" : " new");
    }
  }

  /** Creates a session's file, durably. */
  void create(SessionId sessionId, Cursor cursor) throws IOException {
    files.write(sessionId, cursor.line(), true);
    entries.force(files.folder());
  }

  /** The same, where it has none. */
  void createIfAbsent(SessionId sessionId, Cursor cursor) throws IOException {
    if (!exists(sessionId)) {
      create(sessionId, cursor);
    }
  }

  boolean exists(SessionId sessionId) {
    return files.exists(sessionId);
  }

  /** Moves on; a crash of the machine may forget it. */
  void advance(SessionId sessionId, Cursor cursor) {
    try {
      files.write(sessionId, cursor.line(), false);
    } catch (IOException e) {
      LOG.warn("The position of a webhook in session {} is not kept: {}", sessionId, e.toString());
    }
  }

  void delete(SessionId sessionId) {
    files.delete(sessionId);
  }

  /**
   * What an earlier run left.
   *
   * @throws UncheckedIOException when a position cannot be read: its session would lose events
   */
  Map<SessionId, Cursor> all() {
    return files.all(
        Cursor::of,
        (_, unreadable) -> {
          throw new UncheckedIOException(unreadable);
        });
  }
}
