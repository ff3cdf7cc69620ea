package org.linescribe.session.calls;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;

/**
 * The records of calls that ended, on all machines that share a database.
 *
 * <p>Thread: any; blocks.
 */
public interface CallLog {
  /** Keeps a record, in the outbox while the database is away. */
  void keep(CallRecord record);

  /** Is told of each record that this process keeps. */
  @FunctionalInterface
  interface Listener {
    /**
     * Thread: {@link #keep}'s; may block.
     *
     * @throws IOException when the news cannot be kept; the record is kept all the same
     */
    void onCall(CallRecord record) throws IOException;
  }

  /**
   * Tells a listener of each record before it is kept, so that a killed process leaves no record
   * without its news.
   */
  void onKeep(Listener told);

  /**
   * Newest first.
   *
   * @param startedBefore of the calls, or empty for the newest
   * @param limit 1 to 1000
   */
  List<CallRecord> list(Optional<Instant> startedBefore, int limit);

  /** The newest call of a session. */
  Optional<CallRecord> newest(SessionId sessionId);

  /** Keeps nothing. */
  CallLog NONE =
      new CallLog() {
        @Override
        public void keep(CallRecord record) {}

        @Override
        public void onKeep(Listener told) {}

        @Override
        public List<CallRecord> list(Optional<Instant> startedBefore, int limit) {
          return List.of();
        }

        @Override
        public Optional<CallRecord> newest(SessionId sessionId) {
          return Optional.empty();
        }
      };
}
