package org.linescribe.session.admission;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.numbering.SourceWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A slot for each session that a source has open on this node, or is about to open. Its sources
 * enter it one after another.
 *
 * <p>Thread: any.
 */
final class SourceSlots {
  private static final Logger LOG = LoggerFactory.getLogger(SourceSlots.class);
  private static final Duration LAST_MOMENT = Duration.ofSeconds(1);

  private final Map<SessionId, Slot> slots = new ConcurrentHashMap<>();

  /** A session's slot: it is there while a source is open in it, or somebody is in it. */
  static final class Slot {
    private final ReentrantLock lock = new ReentrantLock(true);
    private volatile @Nullable SourceWriter writer;
    private int entering;

    /** The open source, if there is one. */
    @Nullable SourceWriter writer() {
      return writer;
    }

    /** Whoever is in the slot opened this source. */
    void opened(SourceWriter source) {
      writer = source;
    }

    private Slot enter() {
      entering++;
      return this;
    }

    private @Nullable Slot leave() {
      entering--;
      return entering == 0 && writer == null ? null : this;
    }

    private @Nullable Slot closed(SourceWriter ended) {
      if (writer == ended) {
        writer = null;
      }
      return entering == 0 && writer == null ? null : this;
    }
  }

  /** Waits until nobody else is in the session's slot. {@link #leave} must follow. */
  Slot enter(SessionId sessionId) {
    Slot slot =
        slots.compute(sessionId, (_, known) -> (known == null ? new Slot() : known).enter());
    slot.lock.lock();
    return slot;
  }

  void leave(SessionId sessionId, Slot slot) {
    slot.lock.unlock();
    slots.computeIfPresent(sessionId, (_, known) -> known.leave());
  }

  /** A source that its successor did not wait for may end after its slot is removed. */
  void finished(Slot slot, SourceWriter writer) {
    slots.computeIfPresent(
        writer.sessionId(), (_, known) -> known == slot ? slot.closed(writer) : known);
  }

  boolean isOpen(SessionId sessionId) {
    return writer(sessionId) != null;
  }

  /** The session's open source; null where there is none. */
  @Nullable SourceWriter writer(SessionId sessionId) {
    Slot slot = slots.get(sessionId);
    return slot == null ? null : slot.writer;
  }

  /** The ids of the sessions whose source is open, in descending order. */
  List<SessionId> open() {
    return slots.keySet().stream()
        .filter(this::isOpen)
        .sorted(Comparator.comparing(SessionId::value).reversed())
        .toList();
  }

  void forEachWriter(Consumer<SourceWriter> action) {
    for (Slot slot : slots.values()) {
      SourceWriter writer = slot.writer;
      if (writer != null) {
        action.accept(writer);
      }
    }
  }

  /** Closes the open sources and waits for their ends. */
  void drain(long deadlineNs) {
    List<CompletionStage<@Nullable Void>> ends = new ArrayList<>();
    forEachWriter(writer -> ends.add(writer.close(SourceClosed.DRAINING, "draining")));
    for (CompletionStage<@Nullable Void> end : ends) {
      await(end, Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime())));
    }
    hurryUp();
  }

  /** What readers saw of utterances that are still open becomes finals. */
  private void hurryUp() {
    List<SourceWriter> late = new ArrayList<>();
    forEachWriter(
        writer -> {
          if (!writer.isFinished()) {
            late.add(writer);
            writer.hurry();
          }
        });
    long untilNs = System.nanoTime() + LAST_MOMENT.toNanos();
    for (SourceWriter writer : late) {
      await(
          writer.close(SourceClosed.DRAINING, "draining"),
          Duration.ofNanos(Math.max(0, untilNs - System.nanoTime())));
    }
  }

  /** Waits for a source's end, and logs one that does not come. */
  static void await(CompletionStage<@Nullable Void> stage, Duration atMost) {
    try {
      stage.toCompletableFuture().get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException late) {
      LOG.warn("A source did not end in time");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
