package org.linescribe.session.pipeline;

import java.time.Duration;

/**
 * The limits of the sessions on this node.
 *
 * @param maxSources sources open at once, 1 to 100000; default 500. More are refused as overloaded
 * @param maxLegs voices of one source, 1 to 64; default 8
 * @param idleTime without audio, after which a source is closed, 1 s to 24 h; default 5 min
 * @param maxLength of one source, 1 s to 7 days; default 4 h
 * @param endpointSilence that ends an utterance where the source asks for none, 100 ms to 10 s;
 *     default 800 ms
 * @param partialTtl how long a partial stays current when nothing follows it, 1 s to 1 h; default
 *     60 s
 * @param storeBound how long the database may take for a final before it goes to the outbox, 10 ms
 *     to 10 s; default 250 ms
 * @param flushTime how long the end of a source may wait for its open utterances, 100 ms to 60 s;
 *     default 5 s
 * @param replayTime of audio kept of an open utterance, to decode it again when the recogniser
 *     fails, 5 s to 10 min; default 60 s
 * @param outboxBytes bound on the outbox's files, 1 MiB to 1 TiB; default 1 GiB
 * @param readerQueue live events that wait for a slow reader, 16 to 65536; default 256
 */
public record SessionSettings(
    int maxSources,
    int maxLegs,
    Duration idleTime,
    Duration maxLength,
    Duration endpointSilence,
    Duration partialTtl,
    Duration storeBound,
    Duration flushTime,
    Duration replayTime,
    long outboxBytes,
    int readerQueue) {
  public SessionSettings {
    check("max-sources", maxSources, 1, 100_000);
    check("max-legs", maxLegs, 1, 64);
    check("idle-time", idleTime, Duration.ofSeconds(1), Duration.ofHours(24));
    check("max-length", maxLength, Duration.ofSeconds(1), Duration.ofDays(7));
    check("endpoint-silence", endpointSilence, Duration.ofMillis(100), Duration.ofSeconds(10));
    check("partial-ttl", partialTtl, Duration.ofSeconds(1), Duration.ofHours(1));
    check("store-bound", storeBound, Duration.ofMillis(10), Duration.ofSeconds(10));
    check("flush-time", flushTime, Duration.ofMillis(100), Duration.ofSeconds(60));
    check("replay-time", replayTime, Duration.ofSeconds(5), Duration.ofMinutes(10));
    check("outbox-bytes", outboxBytes, 1L << 20, 1L << 40);
    check("reader-queue", readerQueue, 16, 65_536);
  }

  public static SessionSettings defaults() {
    return new SessionSettings(
        500,
        8,
        Duration.ofMinutes(5),
        Duration.ofHours(4),
        Duration.ofMillis(800),
        Duration.ofSeconds(60),
        Duration.ofMillis(250),
        Duration.ofSeconds(5),
        Duration.ofSeconds(60),
        1L << 30,
        256);
  }

  private static void check(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "linescribe.session." + name + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }

  private static void check(String name, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "linescribe.session."
              + name
              + ": "
              + value.toMillis()
              + " ms (expected: "
              + least.toMillis()
              + ".."
              + most.toMillis()
              + " ms)");
    }
  }
}
