package org.linescribe.session.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallRecord;

/** One change of the store. Each may be applied again without effect: it carries its own time. */
public sealed interface StoreWrite {
  SessionId sessionId();

  /** When it happened, by the clock of its node. */
  Instant at();

  /**
   * A source opened the session, for the first time or again.
   *
   * @param owner of the session; kept from the first time
   * @param startedAt zero of the session's timeline; kept from the first time
   * @param at when this source opened, also where it has changed what it declares since: what an
   *     older source declares never overwrites what a newer one does
   */
  record Opened(
      SessionId sessionId,
      String kind,
      Optional<String> owner,
      List<String> legs,
      Instant startedAt,
      Instant at,
      Map<String, String> attributes)
      implements StoreWrite {
    public Opened {
      legs = List.copyOf(legs);
      attributes = Map.copyOf(attributes);
      startedAt = startedAt.truncatedTo(ChronoUnit.MICROS);
      at = at.truncatedTo(ChronoUnit.MICROS);
    }
  }

  /** A final. */
  record Appended(Segment segment) implements StoreWrite {
    @Override
    public SessionId sessionId() {
      return segment.sessionId();
    }

    @Override
    public Instant at() {
      return segment.createdAt();
    }
  }

  /** A call of the session ended. */
  record CallEnded(CallRecord call) implements StoreWrite {
    @Override
    public SessionId sessionId() {
      return call.sessionId();
    }

    @Override
    public Instant at() {
      return call.endedAt();
    }
  }

  /**
   * The session's source went away for good. Without effect where another source opened the session
   * meanwhile: one whose node was cut off learns late, or never, that it has a successor.
   *
   * @param openedAt when this source opened
   */
  record Ended(SessionId sessionId, Instant openedAt, Instant at, String reason)
      implements StoreWrite {
    public Ended {
      openedAt = openedAt.truncatedTo(ChronoUnit.MICROS);
      at = at.truncatedTo(ChronoUnit.MICROS);
    }

    /** Of a source of which only the end is known: whoever opened before it has ended. */
    public Ended(SessionId sessionId, Instant at, String reason) {
      this(sessionId, at, at, reason);
    }
  }
}
