package org.linescribe.session.numbering;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.linescribe.session.SourceClosed;

/** What sources count, named {@code linescribe.session.…}. Thread: any. */
public final class SourceMeters {
  final Counter finals;
  final Counter partials;
  final Counter coalesced;
  final Counter replaced;
  final Counter abandoned;
  final Counter replayTruncated;
  final Counter refusedAudio;
  private final Map<SourceClosed, Counter> closed = new EnumMap<>(SourceClosed.class);

  public SourceMeters(MeterRegistry registry) {
    finals = registry.counter("linescribe.session.finals");
    partials = registry.counter("linescribe.session.partials");
    coalesced = registry.counter("linescribe.session.partials.coalesced");
    replaced = registry.counter("linescribe.session.recogniser.replaced");
    abandoned = registry.counter("linescribe.session.utterances.abandoned");
    replayTruncated = registry.counter("linescribe.session.replay.truncated");
    refusedAudio = registry.counter("linescribe.session.audio.refused");
    for (SourceClosed reason : SourceClosed.values()) {
      closed.put(reason, registry.counter("linescribe.session.closed", "reason", word(reason)));
    }
  }

  void closed(SourceClosed reason) {
    closed.get(reason).increment();
  }

  static String word(SourceClosed reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }
}
