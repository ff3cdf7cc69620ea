package org.linescribe.asr.utterance;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntSupplier;
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

  /** A stream that has had no partial yet goes before those that had one so lately. */
  private static final long NEWCOMER_NS = 10_000_000_000L;

  /** How likely it must be that a speaker has finished. */
  private static final double FINISHED = 0.91;

  private static final double LEAST_FREE_THREADS = 0.05;

  private final WholeDecoder decoder;
  private final @Nullable TurnModel turns;
  private final int threads;
  private final long intervalNs;
  private final IntSupplier speaking;
  private final List<Thread> workers = new ArrayList<>();
  private final Object lock = new Object();
  private final Deque<Decoding> finals = new ArrayDeque<>();
  private final Set<Decoding> pauses = new LinkedHashSet<>();
  private final Set<Decoding> partials = new LinkedHashSet<>();
  private final Map<Decoding.Owner, Long> servedNs = new IdentityHashMap<>();
  private int partialsRunning;
  private boolean stopped;

  private final DecodeCosts costs = new DecodeCosts(System.nanoTime());

  /**
   * @param decoder stays the caller's
   * @param turns says whether a speaker has finished, stays the caller's; null where nothing does
   * @param speaking tells how many streams have an open utterance
   */
  DecodeQueue(
      WholeDecoder decoder,
      @Nullable TurnModel turns,
      int threads,
      Duration partialInterval,
      IntSupplier speaking) {
    this.turns = turns;
    this.speaking = speaking;
    this.decoder = decoder;
    this.threads = threads;
    this.intervalNs = partialInterval.toNanos();
    for (int i = 0; i < threads; i++) {
      workers.add(Thread.ofPlatform().daemon().name("asr-utterance-" + i).start(this::work));
    }
  }

  /** Queues a decoding; a partial takes the place of the same stream's that has not begun. */
  void submit(Decoding decoding, boolean isFinal) {
    boolean isRefused;
    synchronized (lock) {
      isRefused = stopped;
      decoding.isFinal = isFinal;
      decoding.submittedNs = System.nanoTime();
      if (stopped) {
        decoding.fail(new RecogniserException("the recogniser is closed"));
      } else if (isFinal) {
        finals.addLast(decoding);
      } else {
        partials.removeIf(waiting -> waiting.owner == decoding.owner);
        pauses.removeIf(waiting -> waiting.owner == decoding.owner);
        (decoding.isAtPause ? pauses : partials).add(decoding);
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
        costs.finalTook(decoding.tookNs, System.nanoTime());
      }
      decoding.isFinal = true;
      if (partials.remove(decoding) || pauses.remove(decoding)) {
        decoding.submittedNs = System.nanoTime();
        finals.addLast(decoding);
        lock.notify();
      }
    }
  }

  /** A partial that covers all that was said goes before others when a pause begins. */
  void hasten(Decoding decoding) {
    synchronized (lock) {
      if (partials.remove(decoding)) {
        decoding.isAtPause = true;
        pauses.add(decoding);
        lock.notify();
      }
    }
  }

  /** Drops what was to be decoded at a pause, if it has not begun; false where it has. */
  boolean withdraw(Decoding decoding) {
    synchronized (lock) {
      return pauses.remove(decoding);
    }
  }

  /** Drops a partial that nobody needs any more, if it has not begun. */
  void cancel(Decoding decoding) {
    synchronized (lock) {
      partials.remove(decoding);
      pauses.remove(decoding);
      finals.remove(decoding);
    }
  }

  /** The stream asks for nothing any more. */
  void forget(Decoding.Owner owner) {
    synchronized (lock) {
      partials.removeIf(waiting -> waiting.owner == owner);
      pauses.removeIf(waiting -> waiting.owner == owner);
      finals.removeIf(waiting -> waiting.owner == owner);
      servedNs.remove(owner);
    }
  }

  /**
   * Time that must pass between two partials of a stream; {@code Long.MAX_VALUE} where there is
   * time for none.
   */
  long partialIntervalNs() {
    int talkers = speaking.getAsInt();
    synchronized (lock) {
      double free = threads * PARTIAL_SHARE - costs.finalThreads(System.nanoTime());
      if (free < LEAST_FREE_THREADS || !finals.isEmpty() || !pauses.isEmpty()) {
        return Long.MAX_VALUE;
      }
      double fair = talkers * costs.partialNs() / Math.min(free, 1);
      return (long) Math.max(intervalNs, Math.max(fair, OWN_SHARE * costs.partialNs()));
    }
  }

  /** Whether there is time for more than finals: what was said before a pause is tried then. */
  boolean hasTimeAtPauses() {
    synchronized (lock) {
      return threads * PARTIAL_SHARE - costs.finalThreads(System.nanoTime()) >= LEAST_FREE_THREADS;
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
      long nowNs = System.nanoTime();
      double waitingSeconds = 0;
      long oldestNs = nowNs;
      for (Decoding waiting : finals) {
        waitingSeconds += waiting.seconds;
        oldestNs = Math.min(oldestNs, waiting.submittedNs);
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
    }
  }

  private void run(Decoding next) {
    long startNs = System.nanoTime();
    if (!next.owner.isGone()) {
      decode(next);
    }
    done(next, System.nanoTime() - startNs - next.passedNs);
  }

  private void decode(Decoding next) {
    try {
      float[] pcm = next.takePcm();
      WholeDecoder told = new CarefulDecoder(decoder.speaking(next.language));
      WholeDecoder patient = new PatientDecoder(told, () -> runWaitingFinal(next));
      if (next.asksTurn) {
        next.complete(Hypothesis.empty(next.startMs), isFinished(pcm));
      } else if (next.splits) {
        next.complete(LongSpeech.split(patient, pcm, next.startMs, next.reading));
      } else if (next.endedWords > 0) {
        splitSentences(patient, next, pcm);
      } else {
        next.complete(LongSpeech.decode(told, pcm, next.startMs));
      }
    } catch (RuntimeException | Error failed) {
      next.fail(failed);
    }
  }

  /** A final that waits is decoded before the next try of a split. */
  private void runWaitingFinal(Decoding passed) {
    long startNs = System.nanoTime();
    Decoding next = null;
    synchronized (lock) {
      for (Iterator<Decoding> waiting = finals.iterator(); next == null && waiting.hasNext(); ) {
        Decoding oldest = waiting.next();
        // A split would let others pass in its turn, and so on.
        if (!oldest.splits) {
          next = oldest;
          waiting.remove();
        }
      }
    }
    if (next != null) {
      run(next);
      passed.passedNs += System.nanoTime() - startNs;
    }
  }

  private static void splitSentences(WholeDecoder decoder, Decoding next, float[] pcm) {
    LongSpeech.Split split =
        LongSpeech.splitSentences(decoder, pcm, next.startMs, next.reading, next.endedWords);
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
        Decoding next = finals.pollFirst();
        next = next == null ? oldestAtPause() : next;
        if (next == null && partialsRunning < Math.max(1, threads - 1)) {
          next = longestUnserved();
        }
        if (next != null) {
          next.isCountedAsPartial = !next.isFinal && !next.isAtPause;
          partialsRunning += next.isCountedAsPartial ? 1 : 0;
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

  private @Nullable Decoding oldestAtPause() {
    Iterator<Decoding> oldest = pauses.iterator();
    if (!oldest.hasNext()) {
      return null;
    }
    Decoding next = oldest.next();
    oldest.remove();
    return next;
  }

  private @Nullable Decoding longestUnserved() {
    Decoding longest = null;
    long oldestNs = 0;
    for (Decoding waiting : partials) {
      long servedNs = this.servedNs.getOrDefault(waiting.owner, waiting.submittedNs - NEWCOMER_NS);
      if (longest == null || servedNs - oldestNs < 0) {
        longest = waiting;
        oldestNs = servedNs;
      }
    }
    if (longest != null) {
      partials.remove(longest);
      servedNs.put(longest.owner, System.nanoTime());
    }
    return longest;
  }

  private void done(Decoding decoding, long tookNs) {
    synchronized (lock) {
      costs.decoded(decoding.seconds, tookNs);
      if (decoding.isFinal || decoding.isAtPause) {
        costs.finalTook(tookNs, System.nanoTime());
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
    List<Decoding> waiting = new ArrayList<>();
    synchronized (lock) {
      stopped = true;
      waiting.addAll(finals);
      waiting.addAll(pauses);
      waiting.addAll(partials);
      finals.clear();
      pauses.clear();
      partials.clear();
      lock.notifyAll();
    }
    for (Decoding left : waiting) {
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
