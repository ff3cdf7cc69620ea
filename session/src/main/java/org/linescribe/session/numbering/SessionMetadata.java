package org.linescribe.session.numbering;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.store.StoreWrite;

/** Merges the attributes and legs that a session's sources declare, the newest first. */
public final class SessionMetadata {
  private static final int MAX_ATTRIBUTES = 32;
  private static final int MAX_KEY_CHARACTERS = 64;
  private static final int MAX_VALUE_CHARACTERS = 1024;

  /** Bounds the legs of a session that is opened again and again; the oldest are dropped. */
  private static final int MAX_LEGS = 256;

  private SessionMetadata() {}

  /** Whether the attributes of a request can be stored. */
  public static boolean fits(Map<String, String> attributes) {
    return attributes.size() <= MAX_ATTRIBUTES
        && attributes.values().stream().allMatch(v -> v.length() <= MAX_VALUE_CHARACTERS);
  }

  /** The session as a source opens it, with what was known of it before. */
  public static StoreWrite.Opened opened(
      SourceRequest request,
      Instant startedAt,
      Instant now,
      Optional<String> knownOwner,
      List<String> knownLegs,
      Map<String, String> knownAttributes) {
    Set<String> legs = new LinkedHashSet<>(knownLegs);
    request.legs().forEach(leg -> legs.add(leg.name()));
    List<String> kept = List.copyOf(legs);
    return new StoreWrite.Opened(
        request.sessionId(),
        request.kind(),
        knownOwner.or(request::owner),
        kept.subList(Math.max(0, kept.size() - MAX_LEGS), kept.size()),
        startedAt,
        now,
        merged(request.attributes(), knownAttributes));
  }

  private static Map<String, String> merged(Map<String, String> newer, Map<String, String> older) {
    Map<String, String> merged = new LinkedHashMap<>(newer);
    older.forEach(
        (key, value) -> {
          if (merged.size() < MAX_ATTRIBUTES) {
            merged.putIfAbsent(key, value);
          }
        });
    return merged;
  }

  static void check(String key, String value) {
    if (key.isEmpty() || key.length() > MAX_KEY_CHARACTERS) {
      throw new IllegalArgumentException(
          "attribute: a key of " + key.length() + " characters (expected: 1 to 64)");
    }
    if (value.length() > MAX_VALUE_CHARACTERS) {
      throw new IllegalArgumentException(
          "attribute " + key + ": " + value.length() + " characters (expected: at most 1024)");
    }
  }

  /** The open session with one leg more. */
  static StoreWrite.Opened withLeg(StoreWrite.Opened before, String leg) {
    Set<String> legs = new LinkedHashSet<>(before.legs());
    legs.add(leg);
    List<String> kept = List.copyOf(legs);
    return new StoreWrite.Opened(
        before.sessionId(),
        before.kind(),
        before.owner(),
        kept.subList(Math.max(0, kept.size() - MAX_LEGS), kept.size()),
        before.startedAt(),
        before.at(),
        before.attributes());
  }

  /** The open session with one attribute more, or another value of it. */
  static StoreWrite.Opened described(StoreWrite.Opened before, String key, String value) {
    return new StoreWrite.Opened(
        before.sessionId(),
        before.kind(),
        before.owner(),
        before.legs(),
        before.startedAt(),
        before.at(),
        merged(Map.of(key, value), before.attributes()));
  }
}
