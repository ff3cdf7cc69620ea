package org.linescribe.session.pipeline;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;

/** A reader that writes down what it reads. */
final class HeardReader implements TranscriptReader {
  final List<TranscriptEvent> events = new CopyOnWriteArrayList<>();
  final List<Exception> failures = new CopyOnWriteArrayList<>();

  @Override
  public void onEvent(TranscriptEvent event) {
    events.add(event);
  }

  @Override
  public void onFailure(Exception failure) {
    failures.add(failure);
  }

  List<Long> finalNumbers() {
    return events.stream()
        .filter(TranscriptEvent.Final.class::isInstance)
        .map(TranscriptEvent::seq)
        .toList();
  }

  String words() {
    return events.stream()
        .filter(TranscriptEvent.Final.class::isInstance)
        .map(e -> ((TranscriptEvent.Final) e).segment().text())
        .collect(java.util.stream.Collectors.joining(" "));
  }
}
