package org.linescribe.session.outbox;

import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.store.StoreWrite;

/** Computes a session's record as it will be when the changes in the outbox are in the store. */
final class PendingChanges {
  private PendingChanges() {}

  /**
   * @param stored the record in the store
   * @param changes the openings and ends in the outbox, in order
   * @param pendingSeq number of the highest final in the outbox, 0 for none
   */
  static Optional<SessionRecord> apply(
      Optional<SessionRecord> stored, List<StoreWrite> changes, long pendingSeq) {
    Optional<SessionRecord> record = stored;
    for (StoreWrite change : changes) {
      record = apply(record, change);
    }
    return record.map(r -> r.withLastSeq(Math.max(r.lastSeq(), pendingSeq)));
  }

  private static Optional<SessionRecord> apply(Optional<SessionRecord> record, StoreWrite change) {
    return switch (change) {
      case StoreWrite.Opened opened ->
          Optional.of(
              new SessionRecord(
                  opened.sessionId(),
                  opened.kind(),
                  record.flatMap(SessionRecord::owner).or(opened::owner),
                  opened.legs(),
                  record.map(SessionRecord::startedAt).orElse(opened.startedAt()),
                  Optional.empty(),
                  Optional.empty(),
                  record.map(SessionRecord::lastSeq).orElse(0L),
                  opened.attributes()));
      case StoreWrite.Ended ended -> record.map(r -> r.ended(ended.at(), ended.reason()));
      case StoreWrite.Appended appended -> record;
      case StoreWrite.CallEnded ended -> record;
    };
  }
}
