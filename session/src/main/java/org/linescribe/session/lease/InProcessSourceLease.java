package org.linescribe.session.lease;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;

/** The lease of one process. Thread: any. */
public final class InProcessSourceLease implements SourceLease {
  private static final int REMEMBERED_SESSIONS = 10_000;

  private final Map<SessionId, State> held = new LinkedHashMap<>();
  private final Map<SessionId, State> idle =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SessionId, State> eldest) {
          return size() > REMEMBERED_SESSIONS;
        }
      };
  private long tokens;

  @Override
  public boolean isHeldElsewhere(SessionId sessionId) {
    return false;
  }

  @Override
  public Grant acquire(SessionId sessionId, String claim, Duration atMost, Runnable onWanted)
      throws LeaseConflictException, LeaseLostException, InterruptedException {
    Holder mine = new Holder(sessionId, claim, onWanted);
    Holder asked;
    synchronized (this) {
      State state = state(sessionId);
      if (state.holder != null && !state.holder.claim.equals(claim)) {
        throw new LeaseConflictException(sessionId);
      }
      mine.ticket = ++tokens;
      state.wanted = mine.ticket;
      asked = state.holder;
      notifyAll();
    }
    if (asked != null) {
      asked.notifyWanted();
    }
    Holder forcedOut = null;
    synchronized (this) {
      State state = state(sessionId);
      long leftNs = atMost.toNanos();
      long dueNs = System.nanoTime() + leftNs;
      while (state.holder != null && state.wanted == mine.ticket && leftNs > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, leftNs);
        leftNs = dueNs - System.nanoTime();
      }
      if (state.wanted != mine.ticket) {
        throw new LeaseLostException(sessionId);
      }
      forcedOut = state.holder;
      mine.token = ++tokens;
      mine.previousToken = state.lastToken;
      mine.writtenSeq = state.seq;
      state.lastToken = mine.token;
      state.holder = mine;
    }
    if (forcedOut != null) {
      forcedOut.notifyWanted();
    }
    return mine;
  }

  private State state(SessionId sessionId) {
    State present = held.get(sessionId);
    if (present != null) {
      return present;
    }
    State known = idle.remove(sessionId);
    State state = known == null ? new State() : known;
    held.put(sessionId, state);
    return state;
  }

  @Override
  public synchronized boolean forget(SessionId sessionId) {
    idle.remove(sessionId);
    return !held.containsKey(sessionId);
  }

  @Override
  public boolean isReachable() {
    return true;
  }

  @Override
  public synchronized void close() {
    held.clear();
    idle.clear();
  }

  private static final class State {
    private @Nullable Holder holder;
    private long wanted;
    private long lastToken;
    private long seq;
  }

  private final class Holder implements Grant {
    private final SessionId sessionId;
    private final String claim;
    private final Runnable onWanted;
    private final AtomicBoolean notified = new AtomicBoolean();
    private long ticket;
    private long token;
    private long previousToken;
    private long writtenSeq;

    private Holder(SessionId sessionId, String claim, Runnable onWanted) {
      this.sessionId = sessionId;
      this.claim = claim;
      this.onWanted = onWanted;
    }

    private void notifyWanted() {
      if (notified.compareAndSet(false, true)) {
        onWanted.run();
      }
    }

    @Override
    public long token() {
      return token;
    }

    @Override
    public long previousToken() {
      return previousToken;
    }

    @Override
    public long writtenSeq() {
      return writtenSeq;
    }

    @Override
    public boolean holds() {
      synchronized (InProcessSourceLease.this) {
        State state = held.get(sessionId);
        return state != null && state.holder == this;
      }
    }

    @Override
    public boolean isConfirmed() {
      // Another machine on the same database is not seen from here.
      return false;
    }

    @Override
    public void wrote(long seq) {
      synchronized (InProcessSourceLease.this) {
        State state = state(sessionId);
        state.seq = Math.max(state.seq, seq);
      }
    }

    @Override
    public void release() {
      synchronized (InProcessSourceLease.this) {
        State state = held.get(sessionId);
        if (state != null && state.holder == this) {
          state.holder = null;
          if (state.wanted == ticket) {
            held.remove(sessionId);
            idle.put(sessionId, state);
          }
          InProcessSourceLease.this.notifyAll();
        }
      }
    }
  }
}
