package org.linescribe.api.webhooks;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.linescribe.session.SessionId;
import org.linescribe.session.storage.DataFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Events for one receiver that do not stand in the segment store, by a file each, in the order of
 * each session. An event is on the disk when {@link #add} returns.
 *
 * <p>Thread: any; blocks.
 */
final class EventSpool {
  private static final Logger LOG = LoggerFactory.getLogger(EventSpool.class);
  private static final String SUFFIX = ".json";

  private final Path folder;
  private final JsonMapper json;
  private final Map<SessionId, Deque<Path>> waiting = new HashMap<>();
  private long next;
  private int size;

  /**
   * An event.
   *
   * @param seq tells events of one kind and time apart
   * @param data of its message
   */
  record Spooled(WebhookEvent event, SessionId sessionId, long seq, Instant at, JsonNode data) {}

  /** As a file has it. */
  private record Content(String event, String sessionId, long seq, Instant at, JsonNode data) {}

  EventSpool(Path folder, JsonMapper json) {
    this.folder = folder;
    this.json = json;
    DataFolder.open(folder).forEach(this::take);
  }

  /** A file of an earlier run. */
  private void take(Path file) {
    String name = String.valueOf(file.getFileName());
    if (name.matches("\\d{1,18}\\.json")) {
      next = Math.max(next, Long.parseLong(name.replace(SUFFIX, "")) + 1);
      read(file).ifPresent(spooled -> append(spooled.sessionId(), file));
    }
  }

  private void append(SessionId sessionId, Path file) {
    waiting.computeIfAbsent(sessionId, _ -> new ArrayDeque<>()).add(file);
    size++;
  }

  /** Keeps an event, durably. */
  synchronized void add(Spooled spooled) throws IOException {
    Path file = folder.resolve(String.format(Locale.ROOT, "%018d", next++) + SUFFIX);
    byte[] content =
        json.writeValueAsBytes(
            new Content(
                spooled.event().wireName(),
                spooled.sessionId().value(),
                spooled.seq(),
                spooled.at(),
                spooled.data()));
    DataFolder.replace(file, content, true);
    DataFolder.forceEntries(folder);
    append(spooled.sessionId(), file);
  }

  /** The session's oldest event. */
  synchronized Optional<Spooled> first(SessionId sessionId) {
    Deque<Path> files = waiting.get(sessionId);
    while (files != null && !files.isEmpty()) {
      Optional<Spooled> spooled = read(files.getFirst());
      if (spooled.isPresent()) {
        return spooled;
      }
      removeFirst(sessionId);
    }
    return Optional.empty();
  }

  /** Forgets the session's oldest event, which is delivered or given up. */
  synchronized void removeFirst(SessionId sessionId) {
    try {
      Deque<Path> files = waiting.get(sessionId);
      if (files == null) {
        return;
      }
      Path file = files.pollFirst();
      if (file != null) {
        size--;
        Files.deleteIfExists(file);
      }
      if (files.isEmpty()) {
        waiting.remove(sessionId);
      }
    } catch (IOException e) {
      // It is delivered once more after the next start.
      LOG.warn("A delivered event of session {} stays: {}", sessionId, e.toString());
    }
  }

  synchronized boolean has(SessionId sessionId) {
    return waiting.containsKey(sessionId);
  }

  void erase(SessionId sessionId) {
    while (has(sessionId)) {
      removeFirst(sessionId);
    }
  }

  synchronized Set<SessionId> sessions() {
    return Set.copyOf(waiting.keySet());
  }

  synchronized int size() {
    return size;
  }

  /**
   * Not by a channel: the reader's thread may be interrupted by now, a channel would be closed by
   * that, and the event taken for a broken one and forgotten.
   */
  private Optional<Spooled> read(Path file) {
    try (InputStream in = new FileInputStream(file.toFile())) {
      Content content = json.readValue(in.readAllBytes(), Content.class);
      return WebhookEvent.of(content.event())
          .map(
              event ->
                  new Spooled(
                      event,
                      new SessionId(content.sessionId()),
                      content.seq(),
                      content.at(),
                      content.data()));
    } catch (IOException | JacksonException | IllegalArgumentException broken) {
      LOG.warn("{} is no event of a webhook and is passed over", file);
      return Optional.empty();
    }
  }
}
