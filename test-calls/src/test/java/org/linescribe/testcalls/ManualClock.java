package org.linescribe.testcalls;

/** A clock that stands until somebody waits for it. */
final class ManualClock implements FrameClock {
  private long nowNs;

  ManualClock(long nowNs) {
    this.nowNs = nowNs;
  }

  void advanceMs(long ms) {
    nowNs += ms * 1_000_000;
  }

  @Override
  public long nowNs() {
    return nowNs;
  }

  @Override
  public void await(long deadlineNs) {
    nowNs = Math.max(nowNs, deadlineNs);
  }
}
