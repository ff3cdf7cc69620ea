package org.linescribe.session.pipeline;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;

/** A reader that captures the events of a subscription. */
public final class CapturingReader implements TranscriptReader {
  public final List<TranscriptEvent> events = new CopyOnWriteArrayList<>();
  public final List<Exception> failures = new CopyOnWriteArrayList<>();

  @Override
  public void onEvent(TranscriptEvent event) {
    events.add(event);
  }

  @Override
  public void onFailure(Exception failure) {
    failures.add(failure);
  }

  public List<Long> finalNumbers() {
    return events.stream()
        .filter(TranscriptEvent.Final.class::isInstance)
        .map(TranscriptEvent::seq)
        .toList();
  }

  public String words() {
    return events.stream()
        .filter(TranscriptEvent.Final.class::isInstance)
        .map(e -> ((TranscriptEvent.Final) e).segment().text())
        .collect(java.util.stream.Collectors.joining(" "));
  }
}
