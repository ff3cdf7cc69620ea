package org.linescribe.session.store;

import java.time.Duration;

/**
 * Where the SQL store is and how long it may take.
 *
 * @param jdbcUrl {@code jdbc:mysql://…} for MySQL and MariaDB, {@code jdbc:h2:…} for H2
 * @param user empty where the URL names it
 * @param password never logged
 * @param poolSize connections, 1 to 200; default 10
 * @param connectTimeout for a new connection, 250 ms to 60 s; default 3 s
 * @param readTimeout for an answer, 250 ms to 5 min; default 5 s. A write that takes longer than
 *     the session's store bound does not wait for it: it goes to the outbox
 */
public record SqlStoreSettings(
    String jdbcUrl,
    String user,
    String password,
    int poolSize,
    Duration connectTimeout,
    Duration readTimeout) {
  public SqlStoreSettings {
    if (!jdbcUrl.startsWith("jdbc:mysql:") && !jdbcUrl.startsWith("jdbc:h2:")) {
      throw new IllegalArgumentException(
          "linescribe.mysql.url: expected jdbc:mysql://HOST:PORT/DATABASE (MySQL and MariaDB) or"
              + " jdbc:h2:…");
    }
    if (poolSize < 1 || poolSize > 200) {
      throw new IllegalArgumentException(
          "linescribe.mysql.pool-size: " + poolSize + " (expected: 1..200)");
    }
    if (connectTimeout.toMillis() < 250 || connectTimeout.toMillis() > 60_000) {
      throw new IllegalArgumentException(
          "linescribe.mysql.connect-timeout: "
              + connectTimeout.toMillis()
              + " ms (expected: 250..60000 ms)");
    }
    if (readTimeout.toMillis() < 250 || readTimeout.toMillis() > 300_000) {
      throw new IllegalArgumentException(
          "linescribe.mysql.read-timeout: "
              + readTimeout.toMillis()
              + " ms (expected: 250..300000 ms)");
    }
  }

  /** The defaults for a server at this address. */
  public static SqlStoreSettings of(String jdbcUrl, String user, String password) {
    return new SqlStoreSettings(
        jdbcUrl, user, password, 10, Duration.ofSeconds(3), Duration.ofSeconds(5));
  }

  boolean isEmbedded() {
    return jdbcUrl.startsWith("jdbc:h2:");
  }

  /** Never the URL's parameters nor the password: both may hold secrets. */
  @Override
  public String toString() {
    int query = jdbcUrl.indexOf(isEmbedded() ? ';' : '?');
    String place = query < 0 ? jdbcUrl : jdbcUrl.substring(0, query);
    return "SqlStoreSettings[" + place.replaceAll("//[^/@]*@", "//") + "]";
  }
}
