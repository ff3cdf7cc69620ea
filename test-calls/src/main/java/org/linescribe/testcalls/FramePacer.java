package org.linescribe.testcalls;

/**
 * Says when the next frame is due: each has an absolute deadline counted from the first, so that a
 * late frame delays none after it and errors never add up. After a pause of the machine the frames
 * that are overdue go at once.
 *
 * <p>Thread: the call's.
 */
final class FramePacer {
  /** What telephones send in a packet: 20 ms. */
  static final int FRAME_MS = 20;

  private static final long FRAME_NS = FRAME_MS * 1_000_000L;

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
