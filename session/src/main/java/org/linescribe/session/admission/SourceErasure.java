package org.linescribe.session.admission;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.numbering.SourceWriter;

/**
 * What an erasure means to this node's sources.
 *
 * <p>Thread: any; blocks.
 */
public final class SourceErasure {
  private final SourceSlots slots;
  private final SessionMemory memory;
  private final Duration flushTime;

  SourceErasure(SourceSlots slots, SessionMemory memory, Duration flushTime) {
    this.slots = slots;
    this.memory = memory;
    this.flushTime = flushTime;
  }

  /** Deletes what the stores hold of a session. */
  @FunctionalInterface
  public interface Erasing {
    OptionalLong run() throws SessionOpenException, InterruptedException;
  }

  /** Sets what completes an erasure before its session is opened again. */
  public void beforeReopening(PendingErasure erasure) {
    memory.beforeReopening(erasure);
  }

  /**
   * Erases a session while none of its sources can open here, and forgets it: one that opens under
   * its id afterwards is another session, numbered from 1.
   *
   * @throws SessionOpenException when a source is open
   */
  public OptionalLong erase(SessionId sessionId, Erasing erasing)
      throws SessionOpenException, InterruptedException {
    SourceSlots.Slot slot = slots.enter(sessionId);
    try {
      if (slots.isOpen(sessionId)) {
        throw new SessionOpenException("the session is open");
      }
      memory.forget(sessionId);
      return erasing.run();
    } finally {
      slots.leave(sessionId, slot);
    }
  }

  /**
   * Forgets a session that was erased elsewhere. A source of it that is open here missed that: its
   * process stood still until its lease had run out, or it was cut off. It is closed, and nothing
   * that it still hears is kept.
   *
   * @param erasedAt what opened later is another session, and stays
   * @throws StoreUnavailableException when the source does not end in time
   */
  public void closeOlder(SessionId sessionId, Instant erasedAt) {
    SourceWriter writer = slots.writer(sessionId);
    if (writer != null && !writer.description().at().isAfter(erasedAt)) {
      writer.fence();
      SourceSlots.await(writer.close(SourceClosed.SUPERSEDED, "erased"), flushTime.plusSeconds(1));
      if (!writer.isFinished()) {
        throw new StoreUnavailableException("a source of the erased session does not end");
      }
    }
    memory.forgetOlder(sessionId, erasedAt);
  }
}
