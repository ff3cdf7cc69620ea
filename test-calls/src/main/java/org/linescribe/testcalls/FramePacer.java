package org.linescribe.testcalls;

/**
 * Paces frames by absolute deadlines from the first frame, so that a late frame does not delay
 * later ones. After a stall of the machine overdue frames are sent at once.
 *
 * <p>Thread: the call's.
 */
final class FramePacer {
  /** The usual packet time of telephones. */
  static final int FRAME_MS = 20;

  static final long FRAME_NS = FRAME_MS * 1_000_000L;

  private final FrameClock clock;
  private final boolean realTime;
  private final long startNs;
  private long frames;

  FramePacer(FrameClock clock, boolean realTime) {
    this.clock = clock;
    this.realTime = realTime;
    this.startNs = clock.nowNs();
  }

  /** Returns when the next frame is due. */
  void awaitNext() throws InterruptedException {
    if (realTime) {
      clock.await(startNs + frames * FRAME_NS);
    } else if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    frames++;
  }
}
