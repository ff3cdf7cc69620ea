package org.linescribe.session.numbering;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.linescribe.session.Participant;
import org.linescribe.session.SourceRequest;

/**
 * Who speaks on each leg, and since when: an utterance belongs to whoever spoke when it began.
 *
 * <p>Thread: the session's writer.
 */
final class LegParticipants {
  /** Changes of a leg that no final has passed yet; the oldest go first. */
  private static final int MAX_CHANGES = 64;

  private record Change(long fromMs, Optional<Participant> participant) {}

  private final List<Deque<Change>> changes = new CopyOnWriteArrayList<>();

  LegParticipants(List<SourceRequest.Leg> legs) {
    legs.forEach(this::add);
  }

  /** A leg more. Thread: the source's caller, before anybody knows the leg. */
  final void add(SourceRequest.Leg leg) {
    Deque<Change> first = new ArrayDeque<>();
    first.add(new Change(Long.MIN_VALUE, leg.participant()));
    changes.add(first);
  }

  /**
   * @param fromMs in the source's time, from its audio
   */
  void changed(int leg, long fromMs, Participant participant) {
    Deque<Change> ofLeg = changes.get(leg);
    ofLeg.addLast(new Change(fromMs, Optional.of(participant)));
    if (ofLeg.size() > MAX_CHANGES) {
      ofLeg.removeFirst();
    }
  }

  /** Who began an utterance; later ones of this leg begin no earlier. */
  Optional<Participant> at(int leg, long startMs) {
    Deque<Change> ofLeg = changes.get(leg);
    Change current = ofLeg.removeFirst();
    while (!ofLeg.isEmpty() && ofLeg.getFirst().fromMs() <= startMs) {
      current = ofLeg.removeFirst();
    }
    ofLeg.addFirst(current);
    return current.participant();
  }
}
