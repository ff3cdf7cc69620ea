package org.linescribe.session.outbox;

import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.store.StoreWrite;

/** What a session's record will be when the changes that wait are in the store. */
final class PendingTurns {
  private PendingTurns() {}

  /**
   * @param kept what the store has
   * @param turns the openings and ends that wait, in order
   * @param waitingSeq of the highest final that waits, 0 for none
   */
  static Optional<SessionRecord> apply(
      Optional<SessionRecord> kept, List<StoreWrite> turns, long waitingSeq) {
    Optional<SessionRecord> record = kept;
    for (StoreWrite turn : turns) {
      record = apply(record, turn);
    }
    return record.map(r -> withLastSeq(r, Math.max(r.lastSeq(), waitingSeq)));
  }

  private static Optional<SessionRecord> apply(Optional<SessionRecord> record, StoreWrite turn) {
    return switch (turn) {
      case StoreWrite.Opened opened ->
          Optional.of(
              new SessionRecord(
                  opened.sessionId(),
                  opened.kind(),
                  opened.legs(),
                  record.map(SessionRecord::startedAt).orElse(opened.startedAt()),
                  Optional.empty(),
                  Optional.empty(),
                  record.map(SessionRecord::lastSeq).orElse(0L),
                  opened.attributes()));
      case StoreWrite.Ended ended ->
          record.map(
              r ->
                  new SessionRecord(
                      r.sessionId(),
                      r.kind(),
                      r.legs(),
                      r.startedAt(),
                      Optional.of(ended.at()),
                      Optional.of(ended.reason()),
                      r.lastSeq(),
                      r.attributes()));
      case StoreWrite.Appended appended -> record;
    };
  }

  private static SessionRecord withLastSeq(SessionRecord r, long lastSeq) {
    return new SessionRecord(
        r.sessionId(),
        r.kind(),
        r.legs(),
        r.startedAt(),
        r.endedAt(),
        r.endReason(),
        lastSeq,
        r.attributes());
  }
}
