package org.linescribe.api.webhooks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.linescribe.session.SessionId;
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

  private final SessionFiles files;
  private final Map<SessionId, Attempt> attempts;

  private record Attempt(String messageId, long atMs) {
    static Attempt of(String[] words) {
      return new Attempt(words[0], Long.parseLong(words[1]));
    }
  }

  FirstAttempts(Path folder) {
    this.files = new SessionFiles(folder, ".since");
    this.attempts =
        new ConcurrentHashMap<>(
            files.all(
                Attempt::of,
                (file, unreadable) ->
                    LOG.warn(
                        "{} cannot be read and is passed over: {}", file, unreadable.toString())));
  }

  /** When a message that failed was sent first, which is now unless it is known. */
  Instant of(SessionId sessionId, String messageId, Instant now) {
    Attempt known = attempts.get(sessionId);
    if (known != null && known.messageId().equals(messageId)) {
      return Instant.ofEpochMilli(known.atMs());
    }
    attempts.put(sessionId, new Attempt(messageId, now.toEpochMilli()));
    try {
      files.write(sessionId, messageId + " " + now.toEpochMilli(), false);
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
      files.delete(sessionId);
    }
  }
}
