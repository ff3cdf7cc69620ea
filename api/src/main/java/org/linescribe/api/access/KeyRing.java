package org.linescribe.api.access;

import io.micrometer.core.instrument.MeterRegistry;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.KeySummary;
import org.linescribe.session.keys.StoredKey;

/**
 * The keys of the settings, and those of the store as they were read last.
 *
 * <p>Thread: any.
 */
final class KeyRing {
  private record Entry(byte[] sha256, KeyHolder holder, @Nullable StoredKey stored) {}

  private final AccessSettings settings;
  private final MeterRegistry registry;
  private final LongSupplier clockNs;
  private final List<Entry> configured;
  private volatile List<Entry> stored = List.of();
  private volatile boolean complete = true;

  KeyRing(AccessSettings settings, MeterRegistry registry, LongSupplier clockNs) {
    this.settings = settings;
    this.registry = registry;
    this.clockNs = clockNs;
    List<Entry> entries = new ArrayList<>();
    for (AccessSettings.Key key : settings.keys()) {
      TokenBucket bucket =
          new TokenBucket(
              Objects.requireNonNullElse(key.requestsPerSecond(), settings.requestsPerSecond()),
              Objects.requireNonNullElse(key.burst(), settings.burst()),
              clockNs.getAsLong());
      int maxOpen = Objects.requireNonNullElse(key.maxOpen(), settings.maxOpen());
      entries.add(
          new Entry(
              HexFormat.of().parseHex(key.sha256()),
              new KeyHolder(key.name(), key.name(), key.scopes(), maxOpen, bucket, registry),
              null));
    }
    configured = List.copyOf(entries);
  }

  /** There is a store of keys, which nobody has read yet: an unknown key may be one of its. */
  void awaitStored() {
    complete = false;
  }

  /** Whether the store's keys are known; a key that is not found is unknown only then. */
  boolean isComplete() {
    return complete;
  }

  /** Takes what the store holds now; a key that stayed keeps its share of the limits. */
  synchronized void replaceStored(List<StoredKey> keys) {
    List<Entry> before = stored;
    List<Entry> after = new ArrayList<>();
    // First, as meters are found by a key's name, which another key may have by now.
    before.stream()
        .filter(entry -> !keys.contains(entry.stored()))
        .forEach(revoked -> revoked.holder().forget(registry));
    for (StoredKey key : keys) {
      if (!isConfigured(key.name())) {
        after.add(
            before.stream()
                .filter(entry -> key.equals(entry.stored()))
                .findFirst()
                .orElseGet(() -> entry(key)));
      }
    }
    stored = List.copyOf(after);
    complete = true;
  }

  private Entry entry(StoredKey key) {
    Set<Scope> scopes =
        key.scopes().stream()
            .map(scope -> Scope.valueOf(scope.toUpperCase(Locale.ROOT)))
            .collect(Collectors.toSet());
    TokenBucket bucket =
        new TokenBucket(settings.requestsPerSecond(), settings.burst(), clockNs.getAsLong());
    return new Entry(
        HexFormat.of().parseHex(key.sha256()),
        new KeyHolder(key.name(), key.owner(), scopes, settings.maxOpen(), bucket, registry),
        key);
  }

  /** Whether a key of the settings has this name. */
  boolean isConfigured(String name) {
    return settings.keys().stream().anyMatch(key -> key.name().equals(name));
  }

  List<KeySummary> summaries() {
    return Stream.concat(configured.stream(), stored.stream())
        .map(entry -> entry.holder().summary())
        .toList();
  }

  /**
   * Whose key it is. Takes the same time whichever entry matches, and however much of a hash does.
   */
  Optional<KeyHolder> find(String key) {
    byte[] given = ApiKey.sha256(key);
    @Nullable KeyHolder found = null;
    for (List<Entry> entries : List.of(configured, stored)) {
      for (Entry entry : entries) {
        if (MessageDigest.isEqual(entry.sha256(), given)) {
          found = entry.holder();
        }
      }
    }
    return Optional.ofNullable(found);
  }
}
