package org.linescribe.session.pipeline;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.linescribe.session.SessionId;
import org.linescribe.session.tracing.SessionStep;
import org.linescribe.session.tracing.SessionTrace;
import org.linescribe.session.tracing.SessionTraces;

/** Keeps what it is told of sessions. */
final class RecordedTraces implements SessionTraces {
  /** A step with its times. */
  record Told(SessionStep step, long startNs, long endNs) {}

  final List<String> begun = new CopyOnWriteArrayList<>();
  final List<Told> steps = new CopyOnWriteArrayList<>();
  final List<String> ended = new CopyOnWriteArrayList<>();

  @Override
  public SessionTrace begin(SessionId sessionId, String kind, Optional<String> traceParent) {
    begun.add(kind + " " + traceParent.orElse("-"));
    return new SessionTrace() {
      @Override
      public boolean isRecorded() {
        return true;
      }

      @Override
      public void step(SessionStep step, long startNs, long endNs) {
        steps.add(new Told(step, startNs, endNs));
      }

      @Override
      public void end(String outcome) {
        ended.add(outcome);
      }
    };
  }

  <S extends SessionStep> List<S> of(Class<S> kind) {
    return steps.stream().map(Told::step).filter(kind::isInstance).map(kind::cast).toList();
  }
}
