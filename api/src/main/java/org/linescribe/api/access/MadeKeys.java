package org.linescribe.api.access;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.session.keys.StoredKey;
import org.linescribe.session.keys.StoredKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that are made and revoked while the program runs. The store has them, for all nodes; this
 * node reads them again every few seconds, and goes on with those it read last while the store is
 * away.
 *
 * <p>Thread: any; blocks.
 */
final class MadeKeys implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MadeKeys.class);
  private static final Duration REREAD = Duration.ofSeconds(5);
  private static final int MAX_KEYS = 1000;

  private final StoredKeys store;
  private final KeyRing ring;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final CountDownLatch closing = new CountDownLatch(1);

  MadeKeys(StoredKeys store, KeyRing ring, Clock clock) {
    this.store = store;
    this.ring = ring;
    this.clock = clock;
  }

  void start() {
    ring.awaitStored();
    try {
      reread();
    } catch (RuntimeException away) {
      LOG.warn("Keys that were made here are not known yet: {}", away.getMessage());
    }
    Thread.ofVirtual().name("linescribe-keys").start(this::rereadAgainAndAgain);
  }

  private void rereadAgainAndAgain() {
    try {
      while (!closing.await(REREAD.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          reread();
        } catch (RuntimeException away) {
          LOG.debug("Keys are those of the last reading: {}", away.getMessage());
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void reread() {
    ring.replaceStored(store.all());
  }

  List<StoredKey> all() {
    return store.all();
  }

  /**
   * A new key.
   *
   * @param text the key itself, which is kept nowhere
   */
  record Made(StoredKey key, String text) {}

  /**
   * @param owner of what it sends; null: its name
   * @throws RefusedRequestException 400 for a bad name, owner or scope, 409 for a name that is
   *     taken
   */
  Made make(String name, @Nullable String owner, Set<String> scopes, String by) {
    requireName("name", name);
    String itsOwner = owner == null ? name : owner;
    requireName("owner", itsOwner);
    for (String scope : scopes) {
      if (!List.of("read", "send", "webhook", "admin").contains(scope)) {
        throw RefusedRequestException.badRequest("scopes: expected read, send, webhook or admin");
      }
    }
    if (scopes.isEmpty()) {
      throw RefusedRequestException.badRequest("scopes: expected at least one");
    }
    List<StoredKey> known = store.all();
    if (known.size() >= MAX_KEYS) {
      throw RefusedRequestException.conflict("There are " + MAX_KEYS + " keys already");
    }
    String text = ApiKey.random(random);
    StoredKey key =
        new StoredKey(
            name,
            HexFormat.of().formatHex(ApiKey.sha256(text)),
            itsOwner,
            scopes.stream().sorted().toList(),
            clock.instant(),
            by);
    // MySQL's collation of names keeps a and A apart, people do not.
    boolean taken =
        ring.isConfigured(name)
            || known.stream()
                .anyMatch(
                    one ->
                        one.name().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)));
    if (taken || !store.add(key)) {
      throw RefusedRequestException.conflict("A key of this name exists");
    }
    LOG.info("The key {} was made by {}, with the scopes {}", name, by, key.scopes());
    reread();
    return new Made(key, text);
  }

  private static void requireName(String field, String name) {
    if (!AccessSettings.Key.isName(name)) {
      throw RefusedRequestException.badRequest(field + ": expected 1 to 64 of A-Z a-z 0-9 . _ -");
    }
  }

  /**
   * @throws RefusedRequestException 404 for an unknown key, 409 for one of the settings
   */
  void revoke(String name, String by) {
    if (ring.isConfigured(name)) {
      throw RefusedRequestException.conflict(
          "The key is in the settings: take it out of linescribe.access.keys");
    }
    if (!store.remove(name)) {
      throw RefusedRequestException.notFound("No such key");
    }
    LOG.info("The key {} was revoked by {}", name, by);
    reread();
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
