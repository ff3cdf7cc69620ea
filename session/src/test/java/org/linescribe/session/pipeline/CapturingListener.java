package org.linescribe.session.pipeline;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.linescribe.session.Segment;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.TranscriptEvent;

/** A listener that captures a source's events. */
final class CapturingListener implements SourceListener {
  final List<TranscriptEvent> events = new CopyOnWriteArrayList<>();
  final List<SourceClosed> closed = new CopyOnWriteArrayList<>();

  @Override
  public void onEvent(TranscriptEvent event) {
    events.add(event);
  }

  @Override
  public void onClosed(SourceClosed reason) {
    closed.add(reason);
  }

  List<Segment> finals() {
    return events.stream()
        .filter(TranscriptEvent.Final.class::isInstance)
        .map(e -> ((TranscriptEvent.Final) e).segment())
        .toList();
  }

  List<TranscriptEvent.Partial> partials() {
    return events.stream()
        .filter(TranscriptEvent.Partial.class::isInstance)
        .map(TranscriptEvent.Partial.class::cast)
        .toList();
  }
}
