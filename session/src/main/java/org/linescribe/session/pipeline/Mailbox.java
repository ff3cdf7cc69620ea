package org.linescribe.session.pipeline;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a session's writer. Notes keep their order and none is dropped; of each leg's
 * hypotheses only the newest waits, and a final takes the place of those before it.
 *
 * <p>Bounded by back-pressure: while {@link #isCrowded} the source's audio is refused, so no new
 * results come. Thread: any posts, never waiting; the writer takes.
 */
final class Mailbox {
  private static final int CROWDED_NOTES = 128;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<Note> notes = new ArrayDeque<>();
  private final Note.@Nullable Revised[] newest;
  private final Runnable onCoalesced;
  private volatile boolean crowded;

  Mailbox(int legs, Runnable onCoalesced) {
    this.newest = new Note.Revised[legs];
    this.onCoalesced = onCoalesced;
  }

  void post(Note note) {
    boolean coalesced = false;
    lock.lock();
    try {
      switch (note) {
        case Note.Revised revised -> {
          Note.Revised waiting = newest[revised.leg()];
          coalesced = waiting != null;
          // What a replaced stream still says must not hide its follower's words.
          if (waiting == null || waiting.generation() <= revised.generation()) {
            newest[revised.leg()] = revised;
          }
        }
        case Note.Completed completed -> {
          forget(completed.leg(), completed.generation());
          notes.addLast(completed);
        }
        case Note.Failed failed -> {
          forget(failed.leg(), failed.generation());
          notes.addLast(failed);
        }
        case Note.Writable n -> notes.addLast(n);
        case Note.Described n -> notes.addLast(n);
        case Note.Flush n -> notes.addLast(n);
        case Note.Flushed n -> notes.addLast(n);
        case Note.Close n -> notes.addLast(n);
        case Note.Overdue n -> {
          // A writer that a full disk holds up takes no notes: one of these is enough.
          if (!(notes.peekFirst() instanceof Note.Overdue)) {
            notes.addFirst(n);
          }
        }
      }
      // Only a take ends it: the writer looks after each whether somebody waits for that.
      crowded |= notes.size() >= CROWDED_NOTES;
      arrived.signal();
    } finally {
      lock.unlock();
    }
    if (coalesced) {
      onCoalesced.run();
    }
  }

  private void forget(int leg, int generation) {
    Note.Revised waiting = newest[leg];
    if (waiting != null && waiting.generation() <= generation) {
      newest[leg] = null;
    }
  }

  Note take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        Note first = notes.pollFirst();
        if (first != null) {
          crowded = notes.size() >= CROWDED_NOTES / 2 && crowded;
          return first;
        }
        for (int leg = 0; leg < newest.length; leg++) {
          Note.Revised revised = newest[leg];
          if (revised != null) {
            newest[leg] = null;
            return revised;
          }
        }
        arrived.await();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isCrowded() {
    return crowded;
  }
}
