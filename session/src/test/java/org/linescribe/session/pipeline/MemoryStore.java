package org.linescribe.session.pipeline;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.StoreWrite;

/** One session's segments in memory, of a store that is down when a test says so. */
final class MemoryStore implements SegmentStore {
  final AtomicInteger reads = new AtomicInteger();
  volatile boolean down;
  private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();

  @Override
  public void write(StoreWrite write) {
    answer();
    if (write instanceof StoreWrite.Appended appended) {
      segments.put(appended.segment().seq(), appended.segment());
    }
  }

  @Override
  public long lastSeq(SessionId sessionId) {
    answer();
    return segments.isEmpty() ? 0 : segments.lastKey();
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    reads.incrementAndGet();
    answer();
    return segments.tailMap(fromSeq).values().stream().limit(limit).toList();
  }

  @Override
  public Optional<SessionRecord> find(SessionId sessionId) {
    answer();
    return Optional.empty();
  }

  @Override
  public List<SessionRecord> list(Optional<SessionId> before, int limit) {
    answer();
    return List.of();
  }

  @Override
  public boolean isReachable() {
    return !down;
  }

  private void answer() {
    if (down) {
      throw new StoreUnavailableException("down, as the test asked");
    }
  }

  @Override
  public void close() {}
}
