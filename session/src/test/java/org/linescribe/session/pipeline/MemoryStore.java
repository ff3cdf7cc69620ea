package org.linescribe.session.pipeline;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.WordQuery;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.StoreWrite;

/** One session's segments in memory, of a store that is down when a test says so. */
public class MemoryStore implements SegmentStore {
  public final AtomicInteger reads = new AtomicInteger();
  public final AtomicInteger finds = new AtomicInteger();
  public volatile boolean down;
  public volatile @Nullable SessionRecord record;
  private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();

  @Override
  public void write(StoreWrite write) throws SegmentConflictException {
    answer();
    if (write instanceof StoreWrite.Appended appended) {
      Segment segment = appended.segment();
      Segment present = segments.putIfAbsent(segment.seq(), segment);
      if (present != null && !present.equals(segment)) {
        throw new SegmentConflictException(segment.sessionId(), segment.seq());
      }
    }
  }

  @Override
  public long lastSeq(SessionId sessionId) {
    answer();
    return segments.isEmpty() ? 0 : segments.lastKey();
  }

  @Override
  public Optional<Instant> lastOpening(SessionId sessionId) {
    answer();
    return Optional.ofNullable(record).map(SessionRecord::startedAt);
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    reads.incrementAndGet();
    answer();
    return segments.tailMap(fromSeq).values().stream().limit(limit).toList();
  }

  @Override
  public WordQuery.Page find(WordQuery query) {
    return new WordQuery.Page(List.of(), Optional.empty());
  }

  @Override
  public Optional<SessionRecord> find(SessionId sessionId) {
    finds.incrementAndGet();
    answer();
    return Optional.ofNullable(record);
  }

  @Override
  public List<SessionRecord> list(SessionQuery query) {
    answer();
    return List.of();
  }

  @Override
  public int deleteEndedBefore(Instant end, String ownerPrefix, int limit) {
    answer();
    return 0;
  }

  @Override
  public OptionalLong erase(SessionId sessionId, boolean unended, Instant now) {
    answer();
    return OptionalLong.empty();
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
