package org.linescribe.session.live;

import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;

/** The live transcript of one machine. Thread: any; listeners run on the publisher's thread. */
public final class InProcessLiveTranscript implements LiveTranscript {
  private final Map<SessionId, List<LiveListener>> listeners = new ConcurrentHashMap<>();
  private final Map<SessionId, Map<String, Cached>> partials = new ConcurrentHashMap<>();
  private final Clock clock;
  private final Duration partialTtl;

  /**
   * @param partialTtl how long a partial stays current when nothing follows it
   */
  public InProcessLiveTranscript(Clock clock, Duration partialTtl) {
    this.clock = clock;
    this.partialTtl = partialTtl;
  }

  @Override
  public void publish(TranscriptEvent event) {
    remember(event);
    listeners.getOrDefault(event.sessionId(), List.of()).forEach(l -> l.onEvent(event));
  }

  private void remember(TranscriptEvent event) {
    switch (event) {
      case TranscriptEvent.Partial partial -> {
        Cached cached = new Cached(partial, clock.millis() + partialTtl.toMillis());
        partials.compute(
            partial.sessionId(),
            (id, legs) -> {
              Map<String, Cached> kept = legs == null ? new ConcurrentHashMap<>() : legs;
              kept.put(partial.leg(), cached);
              return kept;
            });
      }
      case TranscriptEvent.Final fin ->
          partials.computeIfPresent(
              fin.sessionId(),
              (id, legs) -> {
                legs.remove(fin.segment().leg());
                return legs.isEmpty() ? null : legs;
              });
      case TranscriptEvent.Dtmf key -> {}
      case TranscriptEvent.Ended ended -> partials.remove(ended.sessionId());
    }
  }

  @Override
  public void wake(SessionId sessionId) {
    listeners.getOrDefault(sessionId, List.of()).forEach(LiveListener::onGap);
  }

  @Override
  public List<TranscriptEvent.Partial> current(SessionId sessionId) {
    long nowMs = clock.millis();
    return partials.getOrDefault(sessionId, Map.of()).values().stream()
        .filter(cached -> cached.untilMs > nowMs)
        .map(Cached::partial)
        .filter(partial -> !partial.text().isEmpty())
        .sorted(Comparator.comparing(TranscriptEvent.Partial::leg))
        .toList();
  }

  @Override
  public Registration subscribe(SessionId sessionId, LiveListener listener) {
    listeners.compute(
        sessionId,
        (id, present) -> {
          List<LiveListener> all = present == null ? new CopyOnWriteArrayList<>() : present;
          all.add(listener);
          return all;
        });
    return () ->
        listeners.computeIfPresent(
            sessionId,
            (id, present) -> {
              present.remove(listener);
              return present.isEmpty() ? null : present;
            });
  }

  @Override
  public boolean isReachable() {
    return true;
  }

  @Override
  public void close() {
    listeners.clear();
    partials.clear();
  }

  private record Cached(TranscriptEvent.Partial partial, long untilMs) {}
}
