package org.linescribe.session.outbox;

import java.util.Optional;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.store.StoreWrite;

/** What a session's record will be when the changes that wait are in the store. */
final class PendingTurns {
  private PendingTurns() {}

  static Optional<SessionRecord> apply(Optional<SessionRecord> record, StoreWrite turn) {
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

  static SessionRecord withLastSeq(SessionRecord r, long lastSeq) {
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
