package org.linescribe.api.access;

import io.micrometer.core.instrument.MeterRegistry;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The configured keys.
 *
 * <p>Thread: any.
 */
final class KeyRing {
  private record Entry(byte[] sha256, KeyHolder holder) {}

  private final List<Entry> entries = new ArrayList<>();

  KeyRing(AccessSettings settings, MeterRegistry registry, long nowNs) {
    for (AccessSettings.Key key : settings.keys()) {
      TokenBucket bucket =
          new TokenBucket(
              Objects.requireNonNullElse(key.requestsPerSecond(), settings.requestsPerSecond()),
              Objects.requireNonNullElse(key.burst(), settings.burst()),
              nowNs);
      int maxOpen = Objects.requireNonNullElse(key.maxOpen(), settings.maxOpen());
      entries.add(
          new Entry(
              HexFormat.of().parseHex(key.sha256()),
              new KeyHolder(key.name(), maxOpen, bucket, registry)));
    }
  }

  /**
   * Whose key it is. Takes the same time whichever entry matches, and however much of a hash does.
   */
  Optional<KeyHolder> find(String key) {
    byte[] given = ApiKey.sha256(key);
    @Nullable KeyHolder found = null;
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(entry.sha256(), given)) {
        found = entry.holder();
      }
    }
    return Optional.ofNullable(found);
  }
}
