package org.linescribe.api.calls;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallMark;
import org.springframework.http.HttpStatus;

/**
 * Marks moments of calls that go on.
 *
 * <p>Thread: any; blocks.
 */
final class CallMarks {
  private final Sessions sessions;
  private final Clock clock;

  CallMarks(Sessions sessions, Clock clock) {
    this.sessions = sessions;
    this.clock = clock;
  }

  /** What a client asks for. */
  record Asked(@Nullable String text) {}

  /** Marks the present moment. */
  CallMark set(SessionId id, Asked asked, CallControl control) {
    String text = asked.text() == null ? "" : asked.text().strip();
    if (text.length() > CallMark.MAX_TEXT_CHARACTERS) {
      throw RefusedRequestException.badRequest(
          "text: expected at most " + CallMark.MAX_TEXT_CHARACTERS + " characters");
    }
    SessionRecord session = sessions.find(id).orElseThrow(() -> CallsApi.notFound(id));
    if (CallMark.of(session.attributes()).size() >= CallMark.MAX_MARKS) {
      throw new RefusedRequestException(
          HttpStatus.CONFLICT,
          "The session has " + CallMark.MAX_MARKS + " marks, as many as it may",
          Map.of("session_id", id.value()));
    }
    long atMs = Duration.between(session.startedAt(), clock.instant()).toMillis();
    CallMark mark = new CallMark(Math.max(0, atMs), text);
    if (!control.mark(id, mark)) {
      throw CallsApi.notFound(id);
    }
    return mark;
  }
}
