package org.linescribe.asr.utterance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;

/**
 * Decodes on a few platform threads what streams ask for: finals first and in the order in which
 * they were asked for, then what was said before a pause, which mostly becomes a final, then the
 * partial of the stream that has waited longest for one.
 *
 * <p>One thread is kept free of such partials where there are several, so that a final waits for
 * none of them. What decoding costs is measured; from it follows how often a stream may have a
 * partial ({@link #partialIntervalNs}), and whether another stream can be taken ({@link #load}).
 *
 * <p>Bound: a stream has one partial waiting, at a pause or not, and stops reading audio while many
 * seconds of its finals wait. Thread: any.
 */
final class DecodeQueue implements AutoCloseable {
  /** Share of the decode threads that finals and partials together may take. */
  private static final double PARTIAL_SHARE = 0.6;

  /** Share of the decode threads that finals may take before no further stream is admitted. */
  private static final double FINAL_SHARE = 0.7;

  /** With less a stream's cost cannot be told: nobody spoke lately. */
  private static final double LEAST_SHARE = 0.01;

  /** A stream's partials take at most this part of one thread. */
  private static final int OWN_SHARE = 3;

  /** How likely it must be that a speaker has finished. */
  private static final double FINISHED = 0.91;

  private static final double LEAST_FREE_THREADS = 0.05;

  private final WholeDecoder decoder;
  private final @Nullable TurnModel turns;
  private final int threads;
  private final long intervalNs;
  private final IntSupplier speaking;
  private final LongSupplier nanoTime;
  private final List<Thread> workers = new ArrayList<>();
  private final Object lock = new Object();
  private final WaitingDecodings waiting = new WaitingDecodings();
  private final DecodeCosts costs;
  private int busyThreads;
  private int partialsRunning;
  private boolean stopped;

  /**
   * @param decoder stays the caller's
   * @param turns says whether a speaker has finished, stays the caller's; null where nothing does
   * @param speaking tells how many streams have an open utterance
   * @param nanoTime the clock, {@link System#nanoTime}
   */
  DecodeQueue(
      WholeDecoder decoder,
      @Nullable TurnModel turns,
      int threads,
      Duration partialInterval,
      IntSupplier speaking,
      LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.costs = new DecodeCosts(nanoTime.getAsLong());
    this.turns = turns;
    this.speaking = speaking;
    this.decoder = decoder;
    this.threads = threads;
    this.intervalNs = partialInterval.toNanos();
    for (int i = 0; i < threads; i++) {
      workers.add(Thread.ofPlatform().daemon().name("asr-utterance-" + i).start(this::work));
    }
  }

  long nowNs() {
    return nanoTime.getAsLong();
  }

  /** Queues a decoding; a partial takes the place of the same stream's that has not begun. */
  void submit(Decoding decoding, boolean isFinal) {
    boolean isRefused;
    synchronized (lock) {
      isRefused = stopped;
      decoding.isFinal = isFinal;
      decoding.submittedNs = nanoTime.getAsLong();
      if (stopped) {
        decoding.fail(new RecogniserException("the recogniser is closed"));
      } else {
        waiting.add(decoding);
      }
      lock.notify();
    }
    // Outside of the lock. One that is taken is told of by its thread.
    if (isRefused) {
      decoding.owner.decoded();
    }
  }

  /** A partial that will be the final: it goes first, if it has not begun, and costs as one. */
  void promote(Decoding decoding) {
    synchronized (lock) {
      if (!decoding.isFinal && !decoding.isAtPause) {
        costs.finalTook(decoding.tookNs, nanoTime.getAsLong());
      }
      decoding.isFinal = true;
      if (waiting.removePartial(decoding)) {
        decoding.submittedNs = nanoTime.getAsLong();
        waiting.add(decoding);
        lock.notify();
      }
    }
  }

  /** A partial that covers all that was said goes before others when a pause begins. */
  void hasten(Decoding decoding) {
    synchronized (lock) {
      if (waiting.hasten(decoding)) {
        lock.notify();
      }
    }
  }

  /** Drops what was to be decoded at a pause, if it has not begun; false where it has. */
  boolean withdraw(Decoding decoding) {
    synchronized (lock) {
      return waiting.removeAtPause(decoding);
    }
  }

  /** Drops a partial that nobody needs any more, if it has not begun. */
  void cancel(Decoding decoding) {
    synchronized (lock) {
      waiting.remove(decoding);
    }
  }

  /** The stream asks for nothing any more. */
  void forget(Decoding.Owner owner) {
    synchronized (lock) {
      waiting.forget(owner);
    }
  }

  /**
   * Time that must pass between two partials of a stream; {@code Long.MAX_VALUE} where there is
   * time for none.
   */
  long partialIntervalNs() {
    int talkers = speaking.getAsInt();
    synchronized (lock) {
      double free = threads * PARTIAL_SHARE - costs.finalThreads(nanoTime.getAsLong());
      if (free < LEAST_FREE_THREADS || waiting.hasUrgent()) {
        return Long.MAX_VALUE;
      }
      double fair = talkers * costs.partialNs() / Math.min(free, 1);
      return (long) Math.max(intervalNs, Math.max(fair, OWN_SHARE * costs.partialNs()));
    }
  }

  /** Whether there is time for more than finals: what was said before a pause is tried then. */
  boolean hasTimeAtPauses() {
    synchronized (lock) {
      return threads * PARTIAL_SHARE - costs.finalThreads(nanoTime.getAsLong())
          >= LEAST_FREE_THREADS;
    }
  }

  /**
   * How the finals keep up.
   *
   * @param lagMs until what waits now is decoded, as far as can be known
   * @param finalShare share of the decode threads that finals took lately
   */
  record Load(long lagMs, double finalShare) {
    /** Another stream would delay the finals of those that are there. */
    boolean isBusy() {
      return finalShare > FINAL_SHARE;
    }

    boolean isAtEase() {
      return finalShare < FINAL_SHARE * 0.8;
    }

    /**
     * Streams that would make it busy, where they speak as the open ones do; empty where these took
     * too little time to tell.
     */
    OptionalInt moreStreams(int openStreams) {
      if (openStreams == 0 || finalShare < LEAST_SHARE) {
        return OptionalInt.empty();
      }
      return OptionalInt.of(
          (int) Math.max(0, Math.floor(openStreams * (FINAL_SHARE / finalShare - 1))));
    }
  }

  Load load() {
    synchronized (lock) {
      long nowNs = nanoTime.getAsLong();
      double waitingSeconds = 0;
      long oldestNs = nowNs;
      for (Decoding late : waiting.finals()) {
        waitingSeconds += late.seconds;
        oldestNs = Math.min(oldestNs, late.submittedNs);
      }
      long expectedMs = Math.round(waitingSeconds * costs.perSecond() / threads * 1000);
      return new Load(
          Math.max(expectedMs, (nowNs - oldestNs) / 1_000_000),
          costs.finalThreads(nowNs) / threads);
    }
  }

  private void work() {
    while (true) {
      Decoding next = take();
      if (next == null) {
        return;
      }
      run(next);
      synchronized (lock) {
        busyThreads--;
      }
    }
  }

  /**
   * Whether so many threads decode, and no other has anything to take: for a clock that is made to
   * go on only then.
   */
  boolean isSettled(int decoding) {
    synchronized (lock) {
      return busyThreads == decoding && (busyThreads == threads || !waiting.has(mayTakePartial()));
    }
  }

  private boolean mayTakePartial() {
    return partialsRunning < Math.max(1, threads - 1);
  }

  private void run(Decoding next) {
    long startNs = nanoTime.getAsLong();
    if (!next.owner.isGone()) {
      decode(next);
    }
    done(next, nanoTime.getAsLong() - startNs - next.passedNs);
  }

  private void decode(Decoding next) {
    try {
      float[] pcm = next.takePcm();
      WholeDecoder told = new CarefulDecoder(decoder.speaking(next.language));
      WholeDecoder patient = new PatientDecoder(told, () -> runWaitingFinal(next));
      if (next.asksTurn) {
        next.complete(Hypothesis.empty(next.startMs), isFinished(pcm));
      } else if (next.toSplit != null) {
        split(patient, next, pcm, next.toSplit);
      } else {
        next.complete(LongSpeech.decode(told, pcm, next.startMs));
      }
    } catch (RuntimeException | Error failed) {
      next.fail(failed);
    }
  }

  /** A final that waits is decoded before the next try of a split. */
  private void runWaitingFinal(Decoding passed) {
    long startNs = nanoTime.getAsLong();
    Decoding next;
    synchronized (lock) {
      // A split would let others pass in its turn, and so on.
      next = waiting.pollWholeFinal();
    }
    if (next != null) {
      run(next);
      passed.passedNs += nanoTime.getAsLong() - startNs;
    }
  }

  private static void split(
      WholeDecoder decoder, Decoding next, float[] pcm, SplitRequest request) {
    LongSpeech.Split split = LongSpeech.split(decoder, pcm, next.startMs, request);
    if (split == null) {
      next.completeUnsplit();
    } else {
      next.complete(split);
    }
  }

  private boolean isFinished(float[] pcm) {
    return turns != null && turns.finished(pcm) >= FINISHED;
  }

  private @Nullable Decoding take() {
    synchronized (lock) {
      while (true) {
        if (stopped) {
          return null;
        }
        Decoding next = waiting.poll(mayTakePartial(), nanoTime.getAsLong());
        if (next != null) {
          next.isCountedAsPartial = !next.isFinal && !next.isAtPause;
          partialsRunning += next.isCountedAsPartial ? 1 : 0;
          busyThreads++;
          return next;
        }
        try {
          lock.wait();
        } catch (InterruptedException lookAgain) {
          // Whether it was stopped is looked at above.
        }
      }
    }
  }

  private void done(Decoding decoding, long tookNs) {
    synchronized (lock) {
      costs.decoded(decoding.seconds, tookNs);
      if (decoding.isFinal || decoding.isAtPause) {
        costs.finalTook(tookNs, nanoTime.getAsLong());
      } else {
        decoding.tookNs = tookNs;
        costs.partialTook(tookNs);
      }
      partialsRunning -= decoding.isCountedAsPartial ? 1 : 0;
      lock.notifyAll();
    }
    decoding.owner.decoded();
  }

  /** Fails what waits; ends the threads after the decodings under way. */
  @Override
  public void close() {
    List<Decoding> unread;
    synchronized (lock) {
      stopped = true;
      unread = waiting.removeAll();
      lock.notifyAll();
    }
    for (Decoding left : unread) {
      left.fail(new RecogniserException("the recogniser was closed"));
      left.owner.decoded();
    }
  }

  /** Waits for the decodings under way; false when one of them hangs. */
  boolean awaitIdle(Duration atMost) {
    long untilNs = System.nanoTime() + atMost.toNanos();
    boolean idle = true;
    try {
      for (Thread worker : workers) {
        idle &= worker.join(Duration.ofNanos(Math.max(1, untilNs - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return idle;
  }
}
