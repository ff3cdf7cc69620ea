package org.linescribe.api.webhooks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.DataFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The receivers that sessions chose for themselves, by a file each, which holds the secret and is
 * readable by its owner only.
 *
 * <p>Thread: any; blocks.
 */
final class SessionEndpoints {
  private static final Logger LOG = LoggerFactory.getLogger(SessionEndpoints.class);
  private static final String SUFFIX = ".json";

  /**
   * One owner may choose for sessions that are not there yet up to this part of the places: nobody
   * may fill them all for sessions that never come.
   */
  private static final int EARLY_SHARE = 10;

  private final Path folder;
  private final int most;
  private final int mostEarly;
  private final Duration keep;
  private final JsonMapper json;
  private final Clock clock;
  private final Map<SessionId, Chosen> chosen = new ConcurrentHashMap<>();

  /**
   * One session's receiver, as its file has it.
   *
   * @param owner whose sessions it may be told of; empty: everybody's
   * @param early whether the session was not there yet when it was chosen; absent in older files
   */
  record Chosen(
      String sessionId,
      String url,
      String secret,
      Set<String> events,
      Set<String> owner,
      Instant at,
      @Nullable Boolean early) {
    boolean cameEarly() {
      return Boolean.TRUE.equals(early);
    }

    /** Whether a session of this owner may have it. */
    boolean isFor(Optional<String> sessionOwner) {
      return owner.isEmpty() || sessionOwner.filter(owner::contains).isPresent();
    }

    Chosen ofAKnownSession() {
      return new Chosen(sessionId, url, secret, events, owner, at, false);
    }

    WebhookSettings.Endpoint endpoint() {
      return new WebhookSettings.Endpoint(
          WebhookSettings.Endpoint.OF_SESSION, url, secret, events, owner);
    }
  }

  /**
   * @param most at once
   * @param keep how long one is kept that no session uses
   */
  SessionEndpoints(Path folder, int most, Duration keep, JsonMapper json, Clock clock) {
    this.folder = folder;
    this.most = most;
    this.mostEarly = Math.max(1, most / EARLY_SHARE);
    this.keep = keep;
    this.json = json;
    this.clock = clock;
    DataFolder.open(folder).forEach(this::take);
  }

  private void take(Path file) {
    try {
      Chosen one = json.readValue(Files.readAllBytes(file), Chosen.class);
      one.endpoint();
      chosen.put(new SessionId(one.sessionId()), one);
    } catch (IOException | JacksonException | IllegalArgumentException broken) {
      LOG.warn("{} is no receiver of a session and is passed over", file.getFileName());
    }
  }

  /**
   * What became of a receiver that was to be kept.
   *
   * @param kept false when there are too many
   * @param before in whose place it is
   */
  record Put(boolean kept, Optional<Chosen> before) {}

  /**
   * Keeps a session's receiver, durably, in place of the one before.
   *
   * @param inUse sessions whose receivers stay however old they are
   */
  synchronized Put put(SessionId sessionId, Chosen one, Predicate<SessionId> inUse)
      throws IOException {
    Optional<Chosen> before = of(sessionId);
    if (!chosen.containsKey(sessionId) && chosen.size() >= most) {
      removeUnused(inUse);
      if (chosen.size() >= most) {
        return new Put(false, before);
      }
    }
    if (one.cameEarly() && !chosen.containsKey(sessionId) && hasManyEarly(one.owner())) {
      return new Put(false, before);
    }
    keep(sessionId, one);
    return new Put(true, before);
  }

  private void keep(SessionId sessionId, Chosen one) throws IOException {
    DataFolder.replace(file(sessionId), json.writeValueAsBytes(one), true);
    DataFolder.forceEntries(folder);
    chosen.put(sessionId, one);
  }

  /**
   * Keeps another receiver, durably, in place of one that is still the session's.
   *
   * @return false when another one was chosen meanwhile, or none is any more
   */
  synchronized boolean replaceIf(SessionId sessionId, Chosen expected, Chosen fresh)
      throws IOException {
    boolean still = expected.equals(chosen.get(sessionId));
    if (still) {
      keep(sessionId, fresh);
    }
    return still;
  }

  /**
   * Forgets a receiver that is still the session's.
   *
   * @return false when another one was chosen meanwhile, or none is any more
   */
  synchronized boolean removeIf(SessionId sessionId, Chosen expected) {
    return expected.equals(chosen.get(sessionId)) && remove(sessionId);
  }

  /** Where no key is needed there is one owner, who has all places. */
  private boolean hasManyEarly(Set<String> owner) {
    return !owner.isEmpty()
        && chosen.values().stream()
                .filter(one -> one.cameEarly() && one.owner().equals(owner))
                .count()
            >= mostEarly;
  }

  /** Forgets those that are old and that nobody uses. */
  void removeUnused(Predicate<SessionId> inUse) {
    Instant oldest = clock.instant().minus(keep);
    chosen.forEach(
        (id, one) -> {
          if (one.at().isBefore(oldest) && !inUse.test(id)) {
            removeIf(id, one);
          }
        });
  }

  Optional<Chosen> of(SessionId sessionId) {
    return Optional.ofNullable(chosen.get(sessionId));
  }

  int size() {
    return chosen.size();
  }

  /** Returns false when there was none. */
  synchronized boolean remove(SessionId sessionId) {
    try {
      boolean known = chosen.remove(sessionId) != null;
      Files.deleteIfExists(file(sessionId));
      return known;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(SessionId sessionId) {
    return folder.resolve(RecordingFolder.hash(sessionId.value()) + SUFFIX);
  }
}
