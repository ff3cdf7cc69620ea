package org.linescribe.session.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.linescribe.session.SessionId;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.StoreWrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The call log in the durable store. A call is not worth holding up an end for: one try. */
final class StoredCallLog implements CallLog {
  private static final Logger LOG = LoggerFactory.getLogger(StoredCallLog.class);

  private final DurableStore store;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  StoredCallLog(DurableStore store) {
    this.store = store;
  }

  @Override
  public void onKeep(Listener told) {
    listeners.add(told);
  }

  @Override
  public void keep(CallRecord record) {
    if (isErased(record)) {
      LOG.info("Session {} was erased while its call went on: no record", record.sessionId());
      return;
    }
    tell(record);
    try {
      store.write(new StoreWrite.CallEnded(record));
    } catch (UncheckedIOException | SegmentConflictException unkept) {
      LOG.error(
          "Session {}: neither the store nor the outbox takes the record of its call: {}",
          record.sessionId(),
          unkept.toString());
    }
  }

  /** With the database away it is kept, and deleted when this node executes the erasure. */
  private boolean isErased(CallRecord record) {
    try {
      return store.isErased(record);
    } catch (StoreUnavailableException away) {
      return false;
    }
  }

  private void tell(CallRecord record) {
    for (Listener told : listeners) {
      try {
        told.onCall(record);
      } catch (IOException | RuntimeException untold) {
        LOG.error(
            "Session {}: nobody is told that its call ended: {}",
            record.sessionId(),
            untold.toString());
      }
    }
  }

  @Override
  public List<CallRecord> list(Optional<Instant> startedBefore, int limit) {
    return store.calls(startedBefore, limit);
  }

  @Override
  public Optional<CallRecord> newest(SessionId sessionId) {
    return store.newestCall(sessionId);
  }
}
