package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How often the text of an open utterance changed at its reader.
 *
 * <p>A partial carries the number of the final that it becomes, so partials of one number belong to
 * one utterance. One that repeats the text before it, as the replay after a lost connection does,
 * changed nothing.
 *
 * @param gapsMs between two partials of an utterance that followed each other, in order of arrival
 * @param finalsWithoutPartial finals that no partial announced
 */
public record PartialGaps(List<Double> gapsMs, int finalsWithoutPartial) {
  public static final PartialGaps NONE = new PartialGaps(List.of(), 0);

  public PartialGaps {
    gapsMs = List.copyOf(gapsMs);
  }

  /**
   * @param events in order of arrival
   * @param fromSeq the first number of this call
   */
  static PartialGaps of(List<ReceivedEvent> events, long fromSeq) {
    Map<Long, ReceivedEvent> last = new HashMap<>();
    Set<Long> closed = new HashSet<>();
    List<Double> gapsMs = new ArrayList<>();
    int without = 0;
    for (ReceivedEvent event : events) {
      if (event.seq() < fromSeq || closed.contains(event.seq())) {
        continue;
      }
      if (event.kind() == ReceivedEvent.Kind.FINAL) {
        closed.add(event.seq());
        without += last.remove(event.seq()) == null ? 1 : 0;
      } else if (event.kind() == ReceivedEvent.Kind.PARTIAL) {
        ReceivedEvent before = last.get(event.seq());
        if (before == null || !before.text().equals(event.text())) {
          last.put(event.seq(), event);
        }
        if (before != null && !before.text().equals(event.text())) {
          gapsMs.add((event.atNs() - before.atNs()) / 1e6);
        }
      }
    }
    return new PartialGaps(gapsMs, without);
  }
}
