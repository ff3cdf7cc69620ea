package org.linescribe.api.socketio;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.MonoSink;

/**
 * What waits for a client's next poll, or the poll that waits for it. Bounded: the newest of the
 * packets that only matter while they are new waits alone, behind those that must arrive.
 *
 * <p>Thread: any that holds the connection's lock. A {@link Runnable} from here is to be run
 * without it.
 */
final class PollQueue {
  private static final int MAX_OWED_PACKETS = 1024;
  private static final Runnable NOTHING = () -> {};

  private final ArrayDeque<String> owed = new ArrayDeque<>();
  private @Nullable String latest;
  private @Nullable MonoSink<String> poll;

  boolean isFull() {
    return owed.size() >= MAX_OWED_PACKETS;
  }

  void add(String packet) {
    latest = null;
    owed.add(packet);
  }

  void addLatest(String packet) {
    latest = packet;
  }

  /** All that waits, as a payload; empty when nothing does. */
  String take() {
    List<String> packets = new ArrayList<>(owed);
    owed.clear();
    if (latest != null) {
      packets.add(latest);
      latest = null;
    }
    return String.join(String.valueOf(EnginePacket.SEPARATOR), packets);
  }

  /**
   * Gives what waits to another way out.
   *
   * @return false when that took only some of what must arrive
   */
  boolean moveTo(Predicate<String> mustArrive, Consumer<String> onlyTheLatest) {
    while (!owed.isEmpty() && mustArrive.test(owed.peek())) {
      owed.remove();
    }
    if (owed.isEmpty() && latest != null) {
      onlyTheLatest.accept(latest);
    }
    latest = null;
    return owed.isEmpty();
  }

  boolean hasPoll() {
    return poll != null;
  }

  void await(MonoSink<String> sink) {
    poll = sink;
  }

  void forget(MonoSink<String> sink) {
    if (poll == sink) {
      poll = null;
    }
  }

  /** Answers the poll that waits with what waits for it, if both are there. */
  Runnable answer() {
    return poll == null || owed.isEmpty() && latest == null ? NOTHING : answer(take());
  }

  /** Answers the poll that waits, if there is one. */
  Runnable answer(String payload) {
    MonoSink<String> waiting = poll;
    poll = null;
    return waiting == null ? NOTHING : () -> waiting.success(payload);
  }
}
