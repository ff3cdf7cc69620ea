package org.linescribe.api.stt;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.linescribe.session.SessionId;

/**
 * The first chunks of streams that may go on, by their sessions. Bounded in bytes: the oldest goes
 * first, as most of them belong to clients that never come back.
 *
 * <p>Thread: any.
 */
final class Beginnings {
  private final long maxBytes;
  private final Map<SessionId, HeldSession.Beginning> kept = new LinkedHashMap<>();
  private long bytes;

  Beginnings(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  synchronized void keep(SessionId id, Optional<HeldSession.Beginning> beginning) {
    beginning.ifPresent(
        begun -> {
          kept.put(id, begun);
          bytes += begun.bytes().length;
        });
    for (Iterator<HeldSession.Beginning> oldest = kept.values().iterator(); bytes > maxBytes; ) {
      bytes -= oldest.next().bytes().length;
      oldest.remove();
    }
  }

  synchronized Optional<HeldSession.Beginning> take(SessionId id) {
    Optional<HeldSession.Beginning> beginning = Optional.ofNullable(kept.remove(id));
    beginning.ifPresent(begun -> bytes -= begun.bytes().length);
    return beginning;
  }
}
