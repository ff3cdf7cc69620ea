package org.linescribe.api.calls;

import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallMark;

/**
 * Marks moments of calls that go on.
 *
 * <p>Thread: any; blocks.
 */
final class CallMarks {
  private final Sessions sessions;
  private final Clock clock;
  private final Map<SessionId, Given> given = new ConcurrentHashMap<>();

  /** The moments of a call that are marked; the store has the newest a little later. */
  private static final class Given {
    final ReentrantLock lock = new ReentrantLock();
    final Set<Long> atMs = new HashSet<>();
  }

  CallMarks(Sessions sessions, Clock clock) {
    this.sessions = sessions;
    this.clock = clock;
  }

  /** What a client asks for. */
  record Asked(@Nullable String text) {
    /** Without what surrounds it. */
    String checked() {
      String stripped = text == null ? "" : text.strip();
      if (stripped.length() > CallMark.MAX_TEXT_CHARACTERS) {
        throw RefusedRequestException.badRequest(
            "text: expected at most " + CallMark.MAX_TEXT_CHARACTERS + " characters");
      }
      return stripped;
    }
  }

  /** Marks the present moment, or the next one that has no mark. */
  CallMark set(SessionId id, String text, CallControl control) {
    given.keySet().removeIf(known -> !known.equals(id) && !sessions.isLive(known));
    Given here = given.computeIfAbsent(id, _ -> new Given());
    here.lock.lock();
    try {
      return set(id, text, here.atMs, control);
    } finally {
      here.lock.unlock();
    }
  }

  private CallMark set(SessionId id, String text, Set<Long> marked, CallControl control) {
    // Until it is answered, a call has no moment on the session's timeline.
    if (control.find(id).filter(call -> call.answeredAt().isEmpty()).isPresent()) {
      throw RefusedRequestException.conflict("The call is not answered yet", id);
    }
    SessionRecord session = sessions.find(id).orElseThrow(() -> CallsApi.notFound(id));
    CallMark.of(session.attributes()).forEach(mark -> marked.add(mark.atMs()));
    if (marked.size() >= CallMark.MAX_MARKS) {
      throw RefusedRequestException.conflict(
          "The session has " + CallMark.MAX_MARKS + " marks, as many as it may", id);
    }
    long atMs = Math.max(0, Duration.between(session.startedAt(), clock.instant()).toMillis());
    while (marked.contains(atMs)) {
      atMs++;
    }
    CallMark mark = new CallMark(atMs, text);
    if (!control.mark(id, mark)) {
      throw CallsApi.notFound(id);
    }
    marked.add(atMs);
    return mark;
  }
}
