package org.linescribe.asr.worker;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The right to ask a worker: with others or, after a worker has ended at the same request, alone,
 * so that it is known whether that request was the cause.
 *
 * <p>Thread: whoever took it, who also closes it. One that has turns takes none alone.
 */
final class WorkerTurn implements AutoCloseable {
  private final Lock lonely;
  private final Lock turn;
  private final boolean alone;

  private WorkerTurn(Lock lonely, Lock turn, boolean alone) {
    this.lonely = lonely;
    this.turn = turn;
    this.alone = alone;
  }

  /**
   * Waits for it, at most as long as requests take.
   *
   * @param lonely of the pool: one request at a time is alone. Were there two, each could wait for
   *     what those have that wait for the other.
   */
  static WorkerTurn take(Lock lonely, ReentrantReadWriteLock turns, boolean alone) {
    if (alone) {
      lonely.lock();
    }
    Lock turn = alone ? turns.writeLock() : turns.readLock();
    turn.lock();
    return new WorkerTurn(lonely, turn, alone);
  }

  @Override
  public void close() {
    turn.unlock();
    if (alone) {
      lonely.unlock();
    }
  }
}
