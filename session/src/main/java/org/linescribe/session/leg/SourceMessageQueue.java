package org.linescribe.session.leg;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The messages queued for a session's writer. They keep their order and none is dropped; of each
 * leg's hypotheses only the newest is queued, and a final replaces those before it.
 *
 * <p>Bounded by back-pressure: while {@link #isCrowded} the source's audio is refused, so no new
 * results come. Thread: any posts, never waiting; the writer takes.
 */
public final class SourceMessageQueue {
  private static final int CROWDED_MESSAGES = 128;

  private final Deque<SourceMessage> messages = new ArrayDeque<>();
  private final SourceMessage.@Nullable Revised[] newest;
  private final Runnable onCoalesced;
  private volatile boolean crowded;

  /**
   * @param legs that there may be
   */
  public SourceMessageQueue(int legs, Runnable onCoalesced) {
    this.newest = new SourceMessage.Revised[legs];
    this.onCoalesced = onCoalesced;
  }

  public void post(SourceMessage message) {
    boolean coalesced = false;
    synchronized (this) {
      switch (message) {
        case SourceMessage.Revised revised -> {
          SourceMessage.Revised waiting = newest[revised.leg()];
          coalesced = waiting != null;
          // A late result of a replaced stream must not hide one of its successor.
          if (waiting == null || waiting.generation() <= revised.generation()) {
            newest[revised.leg()] = revised;
          }
        }
        case SourceMessage.Completed completed -> {
          forget(completed.leg(), completed.generation());
          messages.addLast(completed);
        }
        case SourceMessage.Failed failed -> {
          forget(failed.leg(), failed.generation());
          messages.addLast(failed);
        }
        case SourceMessage.Writable n -> messages.addLast(n);
        case SourceMessage.Described n -> messages.addLast(n);
        case SourceMessage.Marked n -> messages.addLast(n);
        case SourceMessage.ParticipantChanged n -> messages.addLast(n);
        case SourceMessage.LegAdded n -> messages.addLast(n);
        case SourceMessage.KeyPressed n -> messages.addLast(n);
        case SourceMessage.Flush n -> messages.addLast(n);
        case SourceMessage.Flushed n -> messages.addLast(n);
        case SourceMessage.Close n -> messages.addLast(n);
        case SourceMessage.Overdue n -> {
          // A writer that a full disk blocks takes no messages: one of these is enough.
          if (!(messages.peekFirst() instanceof SourceMessage.Overdue)) {
            messages.addFirst(n);
          }
        }
      }
      // Only take() clears it: the writer checks after each message whether a caller waits for
      // that.
      crowded |= messages.size() >= CROWDED_MESSAGES;
      notify();
    }
    if (coalesced) {
      onCoalesced.run();
    }
  }

  private void forget(int leg, int generation) {
    SourceMessage.Revised waiting = newest[leg];
    if (waiting != null && waiting.generation() <= generation) {
      newest[leg] = null;
    }
  }

  public synchronized SourceMessage take() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    while (true) {
      SourceMessage first = messages.pollFirst();
      if (first != null) {
        crowded = messages.size() >= CROWDED_MESSAGES / 2 && crowded;
        return first;
      }
      for (int leg = 0; leg < newest.length; leg++) {
        SourceMessage.Revised revised = newest[leg];
        if (revised != null) {
          newest[leg] = null;
          return revised;
        }
      }
      wait();
    }
  }

  public boolean isCrowded() {
    return crowded;
  }
}
