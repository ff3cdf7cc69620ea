package org.linescribe.session.keys;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A key by its hash.
 *
 * @param name unique, up to 64 characters
 * @param sha256 of the key's text, 64 lower-case hexadecimal digits
 * @param owner of the sessions that it opens
 * @param scopes what it may do, lower case, sorted
 * @param createdBy name of the key that made it
 */
public record StoredKey(
    String name,
    String sha256,
    String owner,
    List<String> scopes,
    Instant createdAt,
    String createdBy) {
  public StoredKey {
    scopes = List.copyOf(scopes);
    createdAt = createdAt.truncatedTo(ChronoUnit.MICROS);
  }
}
