package org.linescribe.api.transcript;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.Viewer;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;

/**
 * What a reader gets of a session: of one that goes on, the finals from a number on and then the
 * live events; of one that has ended, the finals and the end, which nobody publishes again.
 *
 * @param known whether there is such a session; a store that does not answer leaves that open
 * @param end of a session that has ended, else null
 * @param unchecked who reads, where it is not known yet whether that viewer sees the session
 */
public record SessionReading(boolean known, TranscriptEvent.@Nullable Ended end, Viewer unchecked) {
  private static final Sessions.Subscription FINISHED = () -> {};

  /** Of a session that need not have begun. */
  public static SessionReading waiting(Viewer viewer) {
    return new SessionReading(true, null, viewer);
  }

  /** Another's session is as one that does not exist. Blocks. */
  public static SessionReading of(Sessions sessions, SessionId id, Viewer viewer) {
    try {
      Optional<SessionRecord> found =
          sessions.find(id).filter(session -> viewer.sees(session.owner()));
      boolean live = sessions.isLive(id) && (viewer.seesAll() || found.isPresent());
      boolean ended = !live && found.flatMap(SessionRecord::endedAt).isPresent();
      return new SessionReading(
          live || found.isPresent(), ended ? end(found.orElseThrow()) : null, Viewer.ALL);
    } catch (StoreUnavailableException unknown) {
      return waiting(viewer);
    }
  }

  private static TranscriptEvent.Ended end(SessionRecord session) {
    return new TranscriptEvent.Ended(
        session.sessionId(), session.lastSeq() + 1, session.endReason().orElse("ended"));
  }

  /** Whether the session has ended and has no final from this number on. */
  public boolean isReadToEnd(long fromSeq) {
    return end != null && fromSeq >= end.seq();
  }

  /**
   * Begins to read. Blocks where the session has ended and has nothing more to read.
   *
   * @param fromSeq first number wanted, from 1
   */
  public Sessions.Subscription begin(
      Sessions sessions, SessionId id, long fromSeq, TranscriptReader reader)
      throws InterruptedException {
    TranscriptEvent.Ended last = end;
    if (last == null) {
      return sessions.subscribe(
          id,
          fromSeq,
          unchecked.seesAll() ? reader : new OwnersOnly(reader, sessions, id, unchecked));
    }
    if (isReadToEnd(fromSeq)) {
      reader.onEvent(last);
      return FINISHED;
    }
    return sessions.subscribe(id, fromSeq, new UntilEnd(reader, last));
  }

  /**
   * Waits for a session that may turn out to be another's: then for ever, as for one that never
   * begins. The first event comes after the session was stored.
   */
  private static final class OwnersOnly implements TranscriptReader {
    private final TranscriptReader reader;
    private final Sessions sessions;
    private final SessionId id;
    private final Viewer viewer;
    private @Nullable Boolean seen;

    OwnersOnly(TranscriptReader reader, Sessions sessions, SessionId id, Viewer viewer) {
      this.reader = reader;
      this.sessions = sessions;
      this.id = id;
      this.viewer = viewer;
    }

    /** Thread: the subscription's own, which may block. */
    @Override
    public void onEvent(TranscriptEvent event) throws InterruptedException {
      Boolean sees = seen;
      if (sees == null) {
        sees = sessions.find(id).filter(session -> viewer.sees(session.owner())).isPresent();
        seen = sees;
      }
      if (sees) {
        reader.onEvent(event);
      }
    }

    @Override
    public void onFailure(Exception failure) {
      reader.onFailure(failure);
    }
  }

  /** Hands the end over after the last final, and nothing of a source that comes later. */
  private static final class UntilEnd implements TranscriptReader {
    private final TranscriptReader reader;
    private final TranscriptEvent.Ended end;
    private boolean finished;

    UntilEnd(TranscriptReader reader, TranscriptEvent.Ended end) {
      this.reader = reader;
      this.end = end;
    }

    @Override
    public void onEvent(TranscriptEvent event) throws InterruptedException {
      if (finished || !(event instanceof TranscriptEvent.Final segment)) {
        return;
      }
      reader.onEvent(segment);
      if (segment.seq() >= end.seq() - 1) {
        finished = true;
        reader.onEvent(end);
      }
    }

    @Override
    public void onFailure(Exception failure) {
      reader.onFailure(failure);
    }
  }
}
