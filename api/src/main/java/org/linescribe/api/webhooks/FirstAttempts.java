package org.linescribe.api.webhooks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.linescribe.session.SessionId;
import org.linescribe.session.storage.DataFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the message that a session's receiver does not take was sent first: it is given up by that
 * time, over restarts. A file for each such session; none is written for a receiver that answers. A
 * crash of the machine may forget one, which then has its time anew.
 *
 * <p>Thread: any, one at a time for each session; blocks.
 */
final class FirstAttempts {
  private static final Logger LOG = LoggerFactory.getLogger(FirstAttempts.class);
  private static final String SUFFIX = ".since";

  private final Path folder;
  private final Map<SessionId, Attempt> attempts = new ConcurrentHashMap<>();

  private record Attempt(String messageId, long atMs) {}

  FirstAttempts(Path folder) {
    this.folder = folder;
    try {
      DataFolder.create(folder);
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String name = String.valueOf(file.getFileName());
          if (name.endsWith(DataFolder.UNFINISHED)) {
            Files.deleteIfExists(file);
          } else if (name.endsWith(SUFFIX)) {
            read(file, name.substring(0, name.length() - SUFFIX.length()));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(Path file, String name) {
    try {
      String[] fields = Files.readString(file).strip().split(" ");
      attempts.put(
          new SessionId(URLDecoder.decode(name, StandardCharsets.UTF_8)),
          new Attempt(fields[0], Long.parseLong(fields[1])));
    } catch (IOException | IllegalArgumentException | ArrayIndexOutOfBoundsException broken) {
      LOG.warn("{} does not tell since when a webhook fails and is passed over", file);
    }
  }

  /** When a message that failed was sent first, which is now unless it is known. */
  Instant of(SessionId sessionId, String messageId, Instant now) {
    Attempt known = attempts.get(sessionId);
    if (known != null && known.messageId().equals(messageId)) {
      return Instant.ofEpochMilli(known.atMs());
    }
    Attempt first = new Attempt(messageId, now.toEpochMilli());
    attempts.put(sessionId, first);
    Path file = DeliveryCursors.file(folder, sessionId, SUFFIX);
    try {
      String line = first.messageId() + " " + first.atMs() + "\n";
      DataFolder.replace(file, line.getBytes(StandardCharsets.UTF_8), false);
    } catch (IOException e) {
      LOG.warn(
          "A restart will not know since when a webhook of session {} fails: {}",
          sessionId,
          e.toString());
    }
    return now;
  }

  /** Forgets sessions of which nothing is due: their delivery was not there to do it. */
  void clearUnless(Predicate<SessionId> due) {
    attempts.keySet().stream().filter(due.negate()).toList().forEach(this::clear);
  }

  /** Nothing of the session fails. */
  void clear(SessionId sessionId) {
    if (attempts.remove(sessionId) != null) {
      try {
        Files.deleteIfExists(DeliveryCursors.file(folder, sessionId, SUFFIX));
      } catch (IOException e) {
        LOG.warn("That a webhook of session {} failed stays: {}", sessionId, e.toString());
      }
    }
  }
}
