package org.linescribe.session.calls;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.linescribe.session.SessionId;

/** The calls of several controls as one's; an order goes to the first that has the call. */
final class JoinedCalls implements CallControl {
  private final List<CallControl> controls;

  JoinedCalls(List<CallControl> controls) {
    this.controls = List.copyOf(controls);
  }

  private boolean any(Predicate<CallControl> order) {
    return controls.stream().anyMatch(order);
  }

  @Override
  public List<OpenCall> open() {
    return controls.stream()
        .flatMap(control -> control.open().stream())
        .sorted(Comparator.comparing(OpenCall::startedAt))
        .toList();
  }

  @Override
  public Optional<OpenCall> find(SessionId sessionId) {
    return controls.stream().flatMap(control -> control.find(sessionId).stream()).findFirst();
  }

  @Override
  public boolean hangUp(SessionId sessionId) {
    return any(control -> control.hangUp(sessionId));
  }

  @Override
  public boolean pause(SessionId sessionId, boolean paused) {
    return any(control -> control.pause(sessionId, paused));
  }

  @Override
  public boolean record(SessionId sessionId, RecordingOrder order) {
    return any(control -> control.record(sessionId, order));
  }

  @Override
  public boolean mark(SessionId sessionId, CallMark mark) {
    return any(control -> control.mark(sessionId, mark));
  }
}
