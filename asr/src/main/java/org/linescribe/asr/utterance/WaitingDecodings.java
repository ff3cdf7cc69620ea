package org.linescribe.asr.utterance;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What streams asked for and no thread has taken, in the order in which it is taken: finals as they
 * were asked for, then what was said before a pause, then the partial of the stream that was served
 * longest ago.
 *
 * <p>Thread: any, under its owner's lock.
 */
final class WaitingDecodings {
  /** A stream that has had no partial yet goes before those that had one so lately. */
  private static final long NEWCOMER_NS = 10_000_000_000L;

  private final Deque<Decoding> finals = new ArrayDeque<>();
  private final Set<Decoding> pauses = new LinkedHashSet<>();
  private final Set<Decoding> partials = new LinkedHashSet<>();
  private final Map<Decoding.Owner, Long> servedNs = new IdentityHashMap<>();

  /** A partial takes the place of the same stream's that has not begun. */
  void add(Decoding decoding) {
    if (decoding.isFinal) {
      finals.addLast(decoding);
      return;
    }
    partials.removeIf(waiting -> waiting.owner == decoding.owner);
    pauses.removeIf(waiting -> waiting.owner == decoding.owner);
    (decoding.isAtPause ? pauses : partials).add(decoding);
  }

  /** Takes out a partial, at a pause or not; false where it is not there. */
  boolean removePartial(Decoding decoding) {
    return partials.remove(decoding) || pauses.remove(decoding);
  }

  /** A partial that covers all that was said goes before others; false where it is not there. */
  boolean hasten(Decoding decoding) {
    if (!partials.remove(decoding)) {
      return false;
    }
    decoding.isAtPause = true;
    pauses.add(decoding);
    return true;
  }

  boolean removeAtPause(Decoding decoding) {
    return pauses.remove(decoding);
  }

  void remove(Decoding decoding) {
    partials.remove(decoding);
    pauses.remove(decoding);
    finals.remove(decoding);
  }

  /** The stream asks for nothing any more. */
  void forget(Decoding.Owner owner) {
    partials.removeIf(waiting -> waiting.owner == owner);
    pauses.removeIf(waiting -> waiting.owner == owner);
    finals.removeIf(waiting -> waiting.owner == owner);
    servedNs.remove(owner);
  }

  /** Takes out what is next, be it a partial only where one may be taken; null where nothing is. */
  @Nullable Decoding poll(boolean withPartials, long nowNs) {
    Decoding next = finals.pollFirst();
    next = next == null ? first(pauses) : next;
    return next == null && withPartials ? longestUnserved(nowNs) : next;
  }

  /** Takes out the oldest final that is no split; null where there is none. */
  @Nullable Decoding pollWholeFinal() {
    for (Iterator<Decoding> waiting = finals.iterator(); waiting.hasNext(); ) {
      Decoding oldest = waiting.next();
      if (oldest.toSplit == null) {
        waiting.remove();
        return oldest;
      }
    }
    return null;
  }

  /** Whether {@link #poll} would take anything out. */
  boolean has(boolean withPartials) {
    return hasUrgent() || withPartials && !partials.isEmpty();
  }

  /** Something waits before which no partial is decoded. */
  boolean hasUrgent() {
    return !finals.isEmpty() || !pauses.isEmpty();
  }

  List<Decoding> finals() {
    return List.copyOf(finals);
  }

  List<Decoding> removeAll() {
    List<Decoding> all = new ArrayList<>(finals);
    all.addAll(pauses);
    all.addAll(partials);
    finals.clear();
    pauses.clear();
    partials.clear();
    return all;
  }

  private static @Nullable Decoding first(Set<Decoding> waiting) {
    Iterator<Decoding> oldest = waiting.iterator();
    if (!oldest.hasNext()) {
      return null;
    }
    Decoding next = oldest.next();
    oldest.remove();
    return next;
  }

  private @Nullable Decoding longestUnserved(long nowNs) {
    Decoding longest = null;
    long oldestNs = 0;
    for (Decoding waiting : partials) {
      long servedNs = this.servedNs.getOrDefault(waiting.owner, waiting.submittedNs - NEWCOMER_NS);
      if (longest == null || servedNs - oldestNs < 0) {
        longest = waiting;
        oldestNs = servedNs;
      }
    }
    if (longest != null) {
      partials.remove(longest);
      servedNs.put(longest.owner, nowNs);
    }
    return longest;
  }
}
