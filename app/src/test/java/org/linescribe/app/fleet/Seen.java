package org.linescribe.app.fleet;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every final that any client of the fleet was shown. Thread: any. */
final class Seen {
  private final Map<String, Map<Long, Set<String>>> texts = new ConcurrentHashMap<>();
  private final Queue<String> malformed = new ConcurrentLinkedQueue<>();

  /** Takes a message of a socket; the final in it, or null. */
  Final take(String sessionId, String message) {
    JsonNode event;
    try {
      event = JsonMapper.shared().readTree(message);
    } catch (JacksonException broken) {
      // Thrown into the socket it would count as a lost connection.
      malformed.add("%s: a message is no JSON: %s".formatted(sessionId, message));
      return null;
    }
    if (!event.path("type").asString("").equals("final")) {
      return null;
    }
    Final shown = new Final(event.path("seq").asLong(), event.path("text").asString());
    Map<Long, Set<String>> session =
        texts.computeIfAbsent(sessionId, _ -> new ConcurrentHashMap<>());
    session.computeIfAbsent(shown.seq(), _ -> ConcurrentHashMap.newKeySet()).add(shown.text());
    return shown;
  }

  /** Messages that were no JSON. */
  List<String> faults() {
    return List.copyOf(malformed);
  }

  /** Sessions of which a final was shown. */
  Set<String> sessions() {
    return Set.copyOf(texts.keySet());
  }

  /** A numbered text as a client has it. */
  record Final(long seq, String text) {}

  /** The texts that were shown under each number of a session: one each, if all is well. */
  Map<Long, Set<String>> of(String sessionId) {
    Map<Long, Set<String>> copy = new TreeMap<>();
    texts
        .getOrDefault(sessionId, Map.of())
        .forEach((seq, all) -> copy.put(seq, new HashSet<>(all)));
    return copy;
  }
}
