package org.linescribe.api.webhooks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
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
  private static final String SUFFIX = ".next";

  private final Path folder;
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
    this.folder = folder;
    this.entries = entries;
    try {
      DataFolder.create(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A position in a session.
   *
   * @param nextSeq the final that is due next
   * @param started whether the receiver knows of the start
   */
  record Cursor(long nextSeq, boolean started) {}

  /** Creates a session's file, durably. */
  void create(SessionId sessionId, Cursor cursor) throws IOException {
    write(sessionId, cursor, true);
  }

  /** The same, where it has none. */
  void createIfAbsent(SessionId sessionId, Cursor cursor) throws IOException {
    if (!exists(sessionId)) {
      create(sessionId, cursor);
    }
  }

  boolean exists(SessionId sessionId) {
    return Files.exists(file(sessionId));
  }

  /** Moves on; a crash of the machine may forget it. */
  void advance(SessionId sessionId, Cursor cursor) {
    try {
      write(sessionId, cursor, false);
    } catch (IOException e) {
      LOG.warn("The position of a webhook in session {} is not kept: {}", sessionId, e.toString());
    }
  }

  private void write(SessionId sessionId, Cursor cursor, boolean force) throws IOException {
    String line = cursor.nextSeq() + (cursor.started() ? " started\n" : " new\n");
    DataFolder.replace(file(sessionId), line.getBytes(StandardCharsets.UTF_8), force);
    if (force) {
      entries.force(folder);
    }
  }

  void delete(SessionId sessionId) {
    try {
      Files.deleteIfExists(file(sessionId));
    } catch (IOException e) {
      LOG.warn("The position of a webhook in session {} stays: {}", sessionId, e.toString());
    }
  }

  /** What an earlier run left. */
  Map<SessionId, Cursor> all() {
    Map<SessionId, Cursor> cursors = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(SUFFIX)) {
          read(file, name.substring(0, name.length() - SUFFIX.length()), cursors);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return cursors;
  }

  private static void read(Path file, String name, Map<SessionId, Cursor> into) throws IOException {
    try {
      String[] fields = Files.readString(file).strip().split(" ");
      into.put(
          new SessionId(URLDecoder.decode(name, StandardCharsets.UTF_8)),
          new Cursor(Math.max(1, Long.parseLong(fields[0])), fields[1].equals("started")));
    } catch (NoSuchFileException deleted) {
      // Delivered meanwhile.
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException broken) {
      LOG.warn("{} is no position of a webhook and is passed over", file);
    }
  }

  /** A session id may be "." something; encoded it is a file's name on every system. */
  static Path file(Path folder, SessionId sessionId, String suffix) {
    String name = URLEncoder.encode(sessionId.value(), StandardCharsets.UTF_8).replace("*", "%2A");
    return folder.resolve(name + suffix);
  }

  private Path file(SessionId sessionId) {
    return file(folder, sessionId, SUFFIX);
  }
}
