package org.linescribe.session.lease;

class InProcessSourceLeaseTest extends SourceLeaseContract {
  private final SourceLease lease = new InProcessSourceLease();

  @Override
  SourceLease one() {
    return lease;
  }

  @Override
  SourceLease other() {
    return lease;
  }
}
