package org.linescribe.asr.worker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker processes of one model. One that ends is started again: at once where it had lived for
 * a while, else after a pause that grows.
 *
 * <p>Thread: any. Owner of the processes.
 */
public final class WorkerPool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

  /** A model is loaded in it, on a machine that may be busy. */
  private static final Duration START = Duration.ofSeconds(120);

  /** An answer takes milliseconds, on a busy machine seconds; more where it is about long audio. */
  private static final Duration ANSWER = Duration.ofSeconds(30);

  /** How long what is to be decoded waits where no worker serves. */
  private static final Duration AWAIT = Duration.ofSeconds(60);

  /** One that lived longer is started again at once. */
  private static final Duration SETTLED = Duration.ofSeconds(5);

  private static final long FIRST_PAUSE_MS = 250;
  private static final long LONGEST_PAUSE_MS = 5000;
  private static final long LOG_EVERY_NS = TimeUnit.SECONDS.toNanos(5);

  /**
   * Workers that a request may end while they do nothing else, before it is taken for what ends
   * them.
   */
  static final int MAX_DEATHS = 3;

  /** Starts a worker; its standard input, output and error stay pipes. */
  public interface Launcher {
    Process launch(Path socket) throws IOException;
  }

  private final String model;
  private final Launcher launcher;
  private final Duration answer;
  private final Object lock = new Object();
  private final @Nullable WorkerProcess[] workers;
  private final List<Thread> supervisors = new ArrayList<>();
  private final AtomicLong numbers = new AtomicLong();
  private final Counter ended;
  private final Counter decodedAgain;
  private final Lock lonely = new ReentrantLock(true);
  private boolean closed;
  private String lastEnd = "none was started";
  private long loggedAtNs = System.nanoTime() - LOG_EVERY_NS;
  private int unlogged;
  private final Messages.Served served;

  private final WorkerLanguages languages = new WorkerLanguages(this::serving);

  /**
   * Starts the workers and waits until all of them serve.
   *
   * @param model its name, for the log and the meters
   * @throws RecogniserException when one of them does not start; none runs then
   */
  public WorkerPool(String model, int count, Launcher launcher, MeterRegistry registry) {
    this(model, count, launcher, ANSWER, registry);
  }

  WorkerPool(String model, int count, Launcher launcher, Duration answer, MeterRegistry registry) {
    this.model = model;
    this.answer = answer;
    this.launcher = launcher;
    this.workers = new WorkerProcess[count];
    this.ended = counter(registry, "linescribe.asr.workers.ended", "Worker processes that ended");
    this.decodedAgain =
        counter(
            registry,
            "linescribe.asr.workers.replayed",
            "Streams decoded again in another worker process");
    List<CompletableFuture<WorkerProcess>> starting = new ArrayList<>();
    try {
      for (int slot = 0; slot < count; slot++) {
        CompletableFuture<WorkerProcess> first = new CompletableFuture<>();
        int number = slot;
        starting.add(first);
        supervisors.add(
            Thread.ofPlatform()
                .daemon()
                .name("asr-worker-" + slot)
                .start(() -> supervise(number, first)));
      }
      starting.forEach(CompletableFuture::join);
      this.served = starting.getFirst().join().served();
      supervisors.add(Thread.ofPlatform().daemon().name("asr-worker-watch").start(this::watch));
    } catch (CompletionException failed) {
      close();
      throw new RecogniserException(String.valueOf(failed.getCause().getMessage()), failed);
    } catch (RuntimeException | Error failed) {
      close();
      throw failed;
    }
    Gauge.builder("linescribe.asr.workers.running", this::running)
        .description("Worker processes that serve")
        .tag("model", model)
        .register(registry);
    LOG.info("model {} runs in {} worker processes", model, count);
  }

  private Counter counter(MeterRegistry registry, String name, String description) {
    return Counter.builder(name).description(description).tag("model", model).register(registry);
  }

  Messages.Served served() {
    return served;
  }

  /** A number that no other stream or detector of these workers has or had. */
  long nextNumber() {
    return numbers.incrementAndGet();
  }

  void countReplay() {
    decodedAgain.increment();
  }

  /** Process ids of the workers that serve. */
  List<Long> pids() {
    return serving().stream().map(WorkerProcess::pid).toList();
  }

  private int running() {
    return pids().size();
  }

  WorkerProcess pick() {
    return pick("");
  }

  /**
   * The worker that has least to do, of those first that are prepared for a language; waits where
   * none serves.
   *
   * @throws RecogniserException when none does for long, or this is closed
   */
  private WorkerProcess pick(String language) {
    Comparator<WorkerProcess> order =
        Comparator.comparing(
            worker -> !language.isEmpty() && !worker.preparedLanguages.contains(language));
    long untilNs = System.nanoTime() + AWAIT.toNanos();
    synchronized (lock) {
      while (true) {
        if (closed) {
          throw new RecogniserException("the recogniser is closed");
        }
        WorkerProcess best =
            Stream.of(workers)
                .filter(worker -> worker != null && worker.isAlive())
                .min(order.thenComparingInt(worker -> worker.load.get()))
                .orElse(null);
        if (best != null) {
          return best;
        }
        long leftNs = untilNs - System.nanoTime();
        if (leftNs <= 0) {
          throw new RecogniserException("no worker process of " + model + ": " + lastEnd);
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(lock, leftNs);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new RecogniserException("interrupted while no worker process serves", e);
        }
      }
    }
  }

  /**
   * The right to ask that worker; waits for it. To be had alone after a worker has ended at the
   * request, so that it is blamed for no other's.
   */
  WorkerTurn turn(WorkerProcess worker, boolean alone) {
    return WorkerTurn.take(lonely, worker.turns, alone);
  }

  <T> T call(Consumer<Frame> request, int kind, WorkerConnection.Reader<T> reader) {
    return call("", request, kind, reader);
  }

  /**
   * Asks any worker, and another one where that ends.
   *
   * @param language one that is prepared for it is asked where there is one; else empty
   * @throws RecogniserException when the worker refuses, or too many end at it alone
   */
  <T> T call(
      String language, Consumer<Frame> request, int kind, WorkerConnection.Reader<T> reader) {
    boolean alone = false;
    for (int deaths = 0; deaths < MAX_DEATHS; ) {
      WorkerProcess worker = pick(language);
      worker.load.incrementAndGet();
      boolean interrupted = Thread.interrupted();
      try (var _ = turn(worker, alone)) {
        if (worker.isAlive()) {
          return worker.ask(request, kind, reader);
        }
      } catch (IOException lost) {
        worker.broken(lost);
        deaths += alone ? 1 : 0;
        alone = true;
      } finally {
        worker.load.decrementAndGet();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
    throw new RecogniserException("its decoding ended " + MAX_DEATHS + " worker processes");
  }

  WorkerLanguages languages() {
    return languages;
  }

  private List<WorkerProcess> serving() {
    synchronized (lock) {
      return Stream.of(workers).filter(worker -> worker != null && worker.isAlive()).toList();
    }
  }

  private void supervise(int slot, CompletableFuture<WorkerProcess> first) {
    for (int failures = 0; !isClosed(); ) {
      long startedNs = System.nanoTime();
      String end;
      try {
        end = "worker process " + slot + " " + serveUntilItEnds(slot, first);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        // Also one that this machine has no thread or memory for now: later it may have.
        end = e instanceof RecogniserException ? String.valueOf(e.getMessage()) : e.toString();
        if (first.completeExceptionally(e)) {
          return;
        }
      }
      boolean settled = System.nanoTime() - startedNs > SETTLED.toNanos();
      failures = settled ? 0 : failures + 1;
      gone(slot, end, failures);
    }
  }

  private String serveUntilItEnds(int slot, CompletableFuture<WorkerProcess> first)
      throws InterruptedException {
    WorkerProcess worker = WorkerProcess.start(launcher, START);
    try (worker) {
      serve(slot, worker);
      first.complete(worker);
      Thread.ofVirtual().name("asr-prepare-" + slot).start(() -> languages.prepareForAll(worker));
      return worker.awaitEnd();
    }
  }

  private void serve(int slot, WorkerProcess worker) {
    boolean late;
    synchronized (lock) {
      late = closed;
      workers[slot] = worker;
      lock.notifyAll();
    }
    if (late) {
      worker.close();
    }
  }

  private void gone(int slot, String end, int failures) {
    boolean logs;
    int more;
    synchronized (lock) {
      workers[slot] = null;
      if (closed) {
        return;
      }
      lastEnd = end;
      long nowNs = System.nanoTime();
      logs = nowNs - loggedAtNs >= LOG_EVERY_NS;
      more = unlogged;
      unlogged = logs ? 0 : unlogged + 1;
      loggedAtNs = logs ? nowNs : loggedAtNs;
    }
    ended.increment();
    if (logs) {
      LOG.warn(
          "model {}: {}; it is started again, and what it decoded goes on in another one ({} more"
              + " since the last such line)",
          model,
          end,
          more);
    }
    pause(failures);
  }

  private void pause(int failures) {
    if (failures == 0) {
      return;
    }
    long ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(10, failures - 1));
    long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    synchronized (lock) {
      try {
        for (long left = untilNs - System.nanoTime();
            left > 0 && !closed;
            left = untilNs - System.nanoTime()) {
          TimeUnit.NANOSECONDS.timedWait(lock, left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void watch() {
    while (!isClosed()) {
      long nowNs = System.nanoTime();
      List<WorkerProcess> all;
      synchronized (lock) {
        all = Stream.of(workers).filter(worker -> worker != null).toList();
      }
      all.forEach(worker -> worker.checkAnswers(nowNs, answer));
      try {
        Thread.sleep(1000);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  /** Ends the workers. Idempotent. */
  @Override
  public void close() {
    List<WorkerProcess> all;
    synchronized (lock) {
      closed = true;
      all = Stream.of(workers).filter(worker -> worker != null).toList();
      lock.notifyAll();
    }
    all.forEach(WorkerProcess::close);
    supervisors.forEach(Thread::interrupt);
    try {
      for (Thread supervisor : supervisors) {
        supervisor.join(Duration.ofSeconds(3));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
