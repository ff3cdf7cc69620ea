package org.linescribe.session.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.linescribe.session.lease.InProcessSourceLease;
import org.linescribe.session.lease.RedisSourceLease;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.live.InProcessLiveTranscript;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.live.RedisLiveTranscript;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;

/**
 * The stores, live transcript and leases of a pipeline, which takes ownership and closes them.
 *
 * @param outboxDirectory for finals that the store cannot take now; one process at a time
 * @param databaseDirectory of the embedded database
 * @param redis the connection that live and lease use, closed after them
 */
public record SessionStores(
    SegmentStore store,
    Path outboxDirectory,
    Optional<Path> databaseDirectory,
    LiveTranscript live,
    SourceLease lease,
    Optional<RedisNode> redis) {

  /**
   * The embedded default: {@code <data>/db}, {@code <data>/outbox}, the rest in this process.
   *
   * @throws IllegalStateException when another process uses the directory, or it cannot be written
   */
  public static SessionStores embedded(Path data, Duration partialTtl) {
    return open(data, Optional.empty(), Optional.empty(), partialTtl, new SimpleMeterRegistry());
  }

  /**
   * The stores of a node. Neither the database nor Redis need be up now.
   *
   * @param sql the database, or empty for the embedded one
   * @param redisUrl {@code redis://…}, or empty for one machine alone
   * @throws IllegalArgumentException when the URL is malformed
   * @throws IllegalStateException when the data directory or the database's schema is unusable
   */
  public static SessionStores open(
      Path data,
      Optional<SqlStoreSettings> sql,
      Optional<String> redisUrl,
      Duration partialTtl,
      MeterRegistry meters) {
    SegmentStore store =
        sql.isPresent()
            ? SqlSegmentStore.connect(sql.get())
            : SqlSegmentStore.embedded(embeddedDirectory(data));
    return of(store, data, sql.isEmpty(), redisUrl, partialTtl, meters);
  }

  /** Where the embedded database of a data folder lies. */
  public static Path embeddedDirectory(Path data) {
    return data.resolve("db");
  }

  /**
   * As {@link #open}, on a store that is open. Takes ownership of it, also where it fails.
   *
   * @param embedded whether the store is the embedded database of this data folder
   */
  public static SessionStores of(
      SegmentStore store,
      Path data,
      boolean embedded,
      Optional<String> redisUrl,
      Duration partialTtl,
      MeterRegistry meters) {
    Optional<Path> database = embedded ? Optional.of(embeddedDirectory(data)) : Optional.empty();
    Clock clock = Clock.systemUTC();
    Path outbox = data.resolve("outbox");
    if (redisUrl.isEmpty()) {
      return new SessionStores(
          store,
          outbox,
          database,
          new InProcessLiveTranscript(clock, partialTtl),
          new InProcessSourceLease(),
          Optional.empty());
    }
    RedisNode redis;
    try {
      redis = RedisNode.connect(redisUrl.get());
    } catch (RuntimeException malformed) {
      store.close();
      throw malformed;
    }
    return new SessionStores(
        store,
        outbox,
        database,
        new RedisLiveTranscript(redis, clock, partialTtl, meters),
        new RedisSourceLease(redis, clock),
        Optional.of(redis));
  }
}
