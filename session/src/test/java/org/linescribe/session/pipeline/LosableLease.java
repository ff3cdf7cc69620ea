package org.linescribe.session.pipeline;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.session.SessionId;
import org.linescribe.session.lease.InProcessSourceLease;
import org.linescribe.session.lease.LeaseConflictException;
import org.linescribe.session.lease.LeaseLostException;
import org.linescribe.session.lease.SourceLease;

/** A lease whose grants another machine takes, without a word, when a test says so. */
final class LosableLease implements SourceLease {
  volatile boolean lost;
  volatile boolean heldElsewhere;
  final AtomicInteger acquired = new AtomicInteger();
  private final SourceLease lease = new InProcessSourceLease();

  @Override
  public Grant acquire(SessionId sessionId, String claim, Duration atMost, Runnable onWanted)
      throws LeaseConflictException, LeaseLostException, InterruptedException {
    acquired.incrementAndGet();
    return new LosableGrant(lease.acquire(sessionId, claim, atMost, onWanted));
  }

  @Override
  public boolean isHeldElsewhere(SessionId sessionId) {
    return heldElsewhere;
  }

  @Override
  public boolean forget(SessionId sessionId) throws InterruptedException {
    return lease.forget(sessionId);
  }

  @Override
  public boolean isReachable() {
    return true;
  }

  @Override
  public void close() {
    lease.close();
  }

  private final class LosableGrant implements Grant {
    private final Grant grant;

    private LosableGrant(Grant grant) {
      this.grant = grant;
    }

    @Override
    public long token() {
      return grant.token();
    }

    @Override
    public long previousToken() {
      return grant.previousToken();
    }

    @Override
    public long writtenSeq() {
      return grant.writtenSeq();
    }

    @Override
    public boolean holds() {
      return !lost && grant.holds();
    }

    @Override
    public boolean isConfirmed() {
      return !lost && grant.isConfirmed();
    }

    @Override
    public void wrote(long seq) {
      grant.wrote(seq);
    }

    @Override
    public void release() {
      grant.release();
    }
  }
}
