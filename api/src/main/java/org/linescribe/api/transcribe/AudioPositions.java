package org.linescribe.api.transcribe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.session.SessionId;

/**
 * How far this node's sessions have taken the audio of clients that count it; of the sessions that
 * were opened last.
 *
 * <p>Thread: any.
 */
final class AudioPositions {
  private static final int REMEMBERED = 10_000;

  private final Map<SessionId, Position> positions =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SessionId, Position> eldest) {
          return size() > REMEMBERED;
        }
      };

  synchronized Position of(SessionId sessionId) {
    return positions.computeIfAbsent(sessionId, _ -> new Position());
  }

  /** Bytes of one session's client. */
  static final class Position {
    private static final long UNKNOWN = -1;

    private final AtomicLong taken = new AtomicLong(UNKNOWN);

    void took(int bytes) {
      taken.addAndGet(bytes);
    }

    /**
     * Where a connection goes on. What was counted here is not of the client's count where it lies
     * outside of what the client can send again: then its own word is taken.
     */
    long resume(long heldFrom, long sentTo) {
      return taken.updateAndGet(now -> now < heldFrom || now > sentTo ? sentTo : now);
    }

    /**
     * Takes a client's own word. Another node may have taken audio since the last was counted here,
     * which the client can send again for a minute: it would be heard twice.
     */
    long begin(long sentTo) {
      taken.set(sentTo);
      return sentTo;
    }
  }
}
