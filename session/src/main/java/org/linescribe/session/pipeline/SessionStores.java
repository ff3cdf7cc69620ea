package org.linescribe.session.pipeline;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.linescribe.session.lease.InProcessSourceLease;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.live.InProcessLiveTranscript;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;

/**
 * Where sessions are kept and told. The pipeline that gets them owns and closes them.
 *
 * @param outboxDirectory for finals that the store cannot take now; one process at a time
 */
public record SessionStores(
    SegmentStore store, Path outboxDirectory, LiveTranscript live, SourceLease lease) {

  /**
   * The embedded default: {@code <data>/db}, {@code <data>/outbox}, the rest in this process.
   *
   * @throws IllegalStateException when another process uses the directory, or it cannot be written
   */
  public static SessionStores embedded(Path data, Duration partialTtl) {
    return open(data, Optional.empty(), partialTtl);
  }

  /**
   * The stores of a node.
   *
   * @param sql the database, or empty for the embedded one; it may be down now
   * @throws IllegalStateException when the data directory or the database's schema is unusable
   */
  public static SessionStores open(Path data, Optional<SqlStoreSettings> sql, Duration partialTtl) {
    SegmentStore store =
        sql.isPresent()
            ? SqlSegmentStore.connect(sql.get())
            : SqlSegmentStore.embedded(data.resolve("db"));
    return new SessionStores(
        store,
        data.resolve("outbox"),
        new InProcessLiveTranscript(Clock.systemUTC(), partialTtl),
        new InProcessSourceLease());
  }
}
