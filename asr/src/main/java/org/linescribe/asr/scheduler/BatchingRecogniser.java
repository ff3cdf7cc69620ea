package org.linescribe.asr.scheduler;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;
import org.linescribe.asr.stream.LoadSample;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes many streams on a few platform threads, several streams in each native call.
 *
 * <p>Ready streams wait in one queue, first come, first served; a stream's step is one chunk, so a
 * file that is fed at once cannot starve a call. One worker at a time gathers a batch (the others
 * decode): batches get as full as the load allows, and a lone stream does not wait for company.
 *
 * <p>Thread: any. Owner of the engine: {@link #close} frees it after all streams.
 */
public final class BatchingRecogniser implements Recogniser {
  private static final Logger LOG = LoggerFactory.getLogger(BatchingRecogniser.class);
  private static final long CLOSE_TIMEOUT_SECONDS = 20;

  private final StreamingEngine engine;
  private final RecogniserInfo info;
  private final SchedulerSettings settings;
  private final SchedulerMetrics metrics;
  private final LoadSample sample = new LoadSample();
  private final Set<ScheduledStream> open = ConcurrentHashMap.newKeySet();
  private final LinkedBlockingQueue<ScheduledStream> ready = new LinkedBlockingQueue<>();
  private final StandingQueue queue = new StandingQueue();
  private final ProcessorRoom processors = ProcessorRoom.ofMachine(System.nanoTime());
  private final Object gathering = new Object();
  private final Object lifecycle = new Object();
  private final List<Thread> workers = new ArrayList<>();
  private final CountDownLatch closedDown = new CountDownLatch(1);
  private volatile boolean closing;
  private volatile boolean stopped;
  private volatile boolean saturated;

  /** Takes ownership of the engine and starts the decode threads. */
  public BatchingRecogniser(
      StreamingEngine engine,
      RecogniserInfo info,
      SchedulerSettings settings,
      MeterRegistry registry) {
    this.engine = engine;
    this.info = info;
    this.settings = settings;
    this.metrics = new SchedulerMetrics(registry, open::size, () -> load().backlogMs());
    for (int i = 0; i < settings.decodeThreads(); i++) {
      workers.add(Thread.ofPlatform().daemon().name("asr-decode-" + i).start(this::work));
    }
  }

  @Override
  public RecogniserInfo info() {
    return info;
  }

  @Override
  public RecogniserLoad load() {
    return sample.get(System.nanoTime(), this::measure);
  }

  private RecogniserLoad measure(long nowNs) {
    long backlogMs = 0;
    int streams = 0;
    for (ScheduledStream stream : open) {
      backlogMs = Math.max(backlogMs, stream.backlogMs(nowNs));
      streams++;
    }
    long limitMs = settings.saturationBacklog().toMillis();
    // Between the limit and its half the last decision stands: admission shall not flicker.
    if (backlogMs >= limitMs || queue.stands(nowNs)) {
      saturated = true;
    } else if (backlogMs < limitMs / 2) {
      saturated = false;
    }
    // Worker processes' time is not this one's.
    OptionalInt more =
        settings.workerCount() == 0 ? processors.moreStreams(streams, nowNs) : OptionalInt.empty();
    return new RecogniserLoad(streams, backlogMs, saturated, more);
  }

  @Override
  public boolean takesHotwords() {
    return engine.takesHotwords();
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    ScheduledStream stream = new ScheduledStream(this, engine, settings, audio, options, listener);
    synchronized (lifecycle) {
      if (closing) {
        throw new RecogniserException("the recogniser is closed");
      }
      open.add(stream);
    }
    stream.start();
    return stream;
  }

  @Override
  public void close() {
    if (workers.contains(Thread.currentThread())) {
      throw new IllegalStateException("close: not on a decode thread");
    }
    boolean first;
    synchronized (lifecycle) {
      first = !closing;
      closing = true;
    }
    try {
      if (first) {
        shutDown();
      } else {
        closedDown.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void shutDown() throws InterruptedException {
    try {
      open.forEach(s -> s.fail(new RecogniserException("the recogniser was closed")));
      long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_TIMEOUT_SECONDS);
      synchronized (lifecycle) {
        while (!open.isEmpty() && System.nanoTime() < deadlineNs) {
          lifecycle.wait(100);
        }
      }
      stopped = true;
      for (Thread worker : workers) {
        worker.interrupt();
      }
      boolean idle = open.isEmpty();
      for (Thread worker : workers) {
        idle &= worker.join(Duration.ofSeconds(CLOSE_TIMEOUT_SECONDS));
      }
      if (idle) {
        engine.close();
      } else {
        LOG.error("a decode thread hangs in native code; the model's memory is not freed");
      }
    } finally {
      closedDown.countDown();
    }
  }

  SchedulerMetrics metrics() {
    return metrics;
  }

  long maxWaitNs() {
    return settings.maxWait().toNanos();
  }

  void enqueue(ScheduledStream stream) {
    ready.add(stream);
  }

  void ended(ScheduledStream stream) {
    synchronized (lifecycle) {
      open.remove(stream);
      lifecycle.notifyAll();
    }
  }

  private void work() {
    List<ScheduledStream> batch = new ArrayList<>(settings.maxBatch());
    while (!stopped) {
      batch.clear();
      try {
        gather(batch);
      } catch (InterruptedException e) {
        // To look at the condition; or a listener left it behind, which must not cost a worker.
      }
      // What was gathered before the interrupt waits for its step all the same.
      step(batch);
    }
  }

  private void gather(List<ScheduledStream> batch) throws InterruptedException {
    synchronized (gathering) {
      ScheduledStream first = ready.take();
      batch.add(first);
      int limit = batchLimit();
      ready.drainTo(batch, limit - 1);
      long untilNs = first.readySinceNs() + maxWaitNs();
      while (batch.size() < limit && batch.size() < open.size()) {
        ScheduledStream next =
            ready.poll(Math.max(0, untilNs - System.nanoTime()), TimeUnit.NANOSECONDS);
        if (next == null) {
          return;
        }
        batch.add(next);
        untilNs = Math.min(untilNs, next.readySinceNs() + maxWaitNs());
      }
    }
  }

  /**
   * A worker takes its share of the open streams and no more: one that took all of a few (a file's
   * chunks) would leave the others idle.
   */
  private int batchLimit() {
    return Math.clamp(Math.ceilDiv(open.size(), settings.decodeThreads()), 1, settings.maxBatch());
  }

  private void step(List<ScheduledStream> batch) {
    List<ScheduledStream> decoding = new ArrayList<>(batch.size());
    List<EngineStream> natives = new ArrayList<>(batch.size());
    long nowNs = System.nanoTime();
    for (ScheduledStream stream : batch) {
      long waitedMs = stream.waitedMs(nowNs);
      boolean spoken = stream.isSpoken(settings.saturationBacklog().toMillis(), nowNs);
      @Nullable EngineStream nativeStream = stream.beginStep();
      if (nativeStream != null) {
        if (spoken) {
          queue.taken(waitedMs, nowNs);
        }
        decoding.add(stream);
        natives.add(nativeStream);
        metrics.queueDelay.record(Math.max(0, nowNs - stream.readySinceNs()), TimeUnit.NANOSECONDS);
      }
    }
    if (!natives.isEmpty()) {
      metrics.batchSize.record(natives.size());
      decode(decoding, natives);
    }
    for (ScheduledStream stream : batch) {
      stream.endStep();
    }
  }

  private void decode(List<ScheduledStream> decoding, List<EngineStream> natives) {
    long startNs = System.nanoTime();
    try {
      engine.decode(natives);
    } catch (RuntimeException | Error e) {
      // The library does not say which stream it was.
      if (decoding.size() == 1) {
        decoding.getFirst().decodeFailed(e);
      } else {
        LOG.warn(
            "a batch of {} streams failed; they are decoded one by one: {}",
            decoding.size(),
            e.toString());
        decodeApart(decoding, natives);
      }
      return;
    } finally {
      metrics.decodeTime.record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
    }
    decoding.forEach(ScheduledStream::decoded);
  }

  /** So that only the stream fails that made the batch fail. */
  private void decodeApart(List<ScheduledStream> decoding, List<EngineStream> natives) {
    for (int i = 0; i < decoding.size(); i++) {
      ScheduledStream stream = decoding.get(i);
      EngineStream nativeStream = natives.get(i);
      try {
        // One that is not ready any more was decoded before the batch failed.
        if (nativeStream.isReady()) {
          engine.decode(List.of(nativeStream));
        }
      } catch (RuntimeException | Error e) {
        stream.decodeFailed(e);
        continue;
      }
      stream.decoded();
    }
  }
}
