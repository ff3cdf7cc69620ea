package org.linescribe.api;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits that all doors share, {@code linescribe.api.*}.
 *
 * @param maxMessage largest WebSocket message, in one frame or in fragments: 1 KiB to 64 MiB;
 *     beyond it the socket is closed with 1009
 * @param maxSockets WebSockets open at once on this node, 1 to 1,000,000; beyond it 1013
 * @param maxSocketsPerSession WebSockets open at once on one session id, sources and readers
 *     together, 1 to 100,000; beyond it 1013
 * @param keepAlive how often an open WebSocket is pinged and an event stream gets a comment: 1 s to
 *     5 min
 * @param deadAfter a WebSocket peer that sent nothing, not even a pong, and read nothing for this
 *     long is gone; more than keep-alive, to 30 min
 * @param closeWithin how long a peer may take to read what is owed to it and to answer a close: 100
 *     ms to 1 min
 * @param idleConnection how long a connection is kept on which no HTTP request comes, be it the
 *     first or the next: 1 s to 1 h. Longer than a proxy keeps its own, or the proxy's next request
 *     meets a closed one
 */
@ConfigurationProperties("linescribe.api")
public record ApiSettings(
    @DefaultValue("1MB") DataSize maxMessage,
    @DefaultValue("10000") int maxSockets,
    @DefaultValue("100") int maxSocketsPerSession,
    @DefaultValue("20s") Duration keepAlive,
    @DefaultValue("60s") Duration deadAfter,
    @DefaultValue("5s") Duration closeWithin,
    @DefaultValue("75s") Duration idleConnection) {
  public ApiSettings {
    require(
        maxMessage.toBytes() >= 1024 && maxMessage.toBytes() <= 64L << 20,
        "linescribe.api.max-message",
        maxMessage,
        "1KB to 64MB");
    require(
        maxSockets >= 1 && maxSockets <= 1_000_000,
        "linescribe.api.max-sockets",
        maxSockets,
        "1 to 1000000");
    require(
        maxSocketsPerSession >= 1 && maxSocketsPerSession <= 100_000,
        "linescribe.api.max-sockets-per-session",
        maxSocketsPerSession,
        "1 to 100000");
    require(
        between(keepAlive, Duration.ofSeconds(1), Duration.ofMinutes(5)),
        "linescribe.api.keep-alive",
        keepAlive,
        "1s to 5m");
    require(
        between(deadAfter, keepAlive.plusMillis(1), Duration.ofMinutes(30)),
        "linescribe.api.dead-after",
        deadAfter,
        "more than keep-alive, to 30m");
    require(
        between(closeWithin, Duration.ofMillis(100), Duration.ofMinutes(1)),
        "linescribe.api.close-within",
        closeWithin,
        "100ms to 1m");
    require(
        between(idleConnection, Duration.ofSeconds(1), Duration.ofHours(1)),
        "linescribe.api.idle-connection",
        idleConnection,
        "1s to 1h");
  }

  /** Refuses a setting at start in the words that every door uses: key, value, expected. */
  public static void require(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** Whether a duration lies in a range, both ends included. */
  public static boolean between(Duration value, Duration lowest, Duration highest) {
    return value.compareTo(lowest) >= 0 && value.compareTo(highest) <= 0;
  }
}
